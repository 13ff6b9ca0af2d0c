"""The facts of a picture on a page: side and projection, date, device, spacing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from triage.http.contradictions import label_of
from triage.models import Case, Image
from triage.models.image_facts import Spacing
from triage.vocabulary import Projection
from triage.web.displays import curve_label, window_label


def facts_of(image: Image) -> Iterator[tuple[str, str]]:
    """(name, value) of each fact that is known, those that a reader needs first."""
    series = image.series
    known = [
        (_("Side"), side_label(image)),
        (_("Projection"), projection_label(image)),
        (_("The header says otherwise"), _contradictions(image)),
        (_("Taken"), _day(_taken_on(image))),
        (_("Pixel spacing"), _spacing(image.spacing)),
        (_("Study"), series.study.study_description if series else ""),
        (_("Series"), series.series_description if series else ""),
        (_("Device"), _device(image)),
        (_("Windows"), _windows(image)),
        (_("Shown by"), _shown_by(image)),
        (_("Polarity"), _polarity(image)),
    ]
    yield from ((name, value) for name, value in known if value)


def side_label(image: Image) -> str:
    """The side that counts; what the header says where that is another one."""
    said, header = image.get_side_display(), image.get_image_laterality_display()
    if said and header and image.side != image.image_laterality:
        return _("%(side)s (the header says: %(header)s)") % {"side": said, "header": header}
    return said


def side_marks(images: Sequence[Image]) -> list[str]:
    """What stands on each picture of one case, so that nobody takes the left one for the right one.

    "" on all where no side is known or all are of one. A picture of unknown side between others says so.
    """
    if len({image.side for image in images}) < 2:
        return [""] * len(images)
    return [image.get_side_display() or _("Side not known") for image in images]


def projection_label(image: Image) -> str:
    """The projection that counts; the text of the header if nobody knows what it means."""
    return image.get_projection_display() or image.view_position.capitalize()


def _contradictions(image: Image) -> str:
    """ "age; body part (CHEST)": fields in which the header contradicts the sender, with what is stored of
    it. The side that counts has the header's beside it. No age is stored, only the sender's band.
    """
    study = image.series.study if image.series else None
    header = {
        "accession_number": study.accession_number if study else "",
        "body_part": image.body_part_examined,
        "projection": image.view_position,
    }
    named = [name for name in image.header_contradicts or [] if name != "side"]
    fields = [(label_of(name), header.get(name, "")) for name in named]
    return "; ".join(f"{label} ({value})" if value else label for label, value in fields)


def side_and_projection(image: Image) -> str:
    """ "Right, PA"; "" where neither is known."""
    return ", ".join(filter(None, (side_label(image), projection_label(image))))


def _taken_on(image: Image) -> date | None:
    study_date = image.series.study.study_date if image.series else None
    return image.acquisition_date or image.content_date or study_date


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _spacing(spacing: Spacing | None) -> str:
    """ "0.139 mm, at the detector"."""
    if spacing is None:
        return ""
    row, column = (number_format(length, 3) for length in (spacing.row, spacing.column))
    length = row if row == column else f"{row} × {column}"
    return _("%(length)s mm, %(plane)s") % {"length": length, "plane": spacing.plane.label}


def _device(image: Image) -> str:
    if image.series is None:
        return ""
    names = (image.series.manufacturer, image.series.manufacturer_model_name)
    device = " ".join(filter(None, names))
    return ", ".join(filter(None, (device, image.series.station_name)))


def _windows(image: Image) -> str:
    """ "2,048 / 4,096 (BONE); 1,800 / 900": centre and width of each."""
    return "; ".join(window_label(window) for window in image.windows)


def _shown_by(image: Image) -> str:
    curves = image.offered
    if curves:
        return curve_label(curves[0])
    # Of a JPEG nobody expects a window.
    is_told = image.kind == Image.FileFormat.DICOM
    return image.get_display_by_display() if is_told else ""


def _polarity(image: Image) -> str:
    """What is to be said where the header contradicts itself."""
    if not image.polarities_differ:
        return ""
    return _("by %(counts)s; Presentation LUT Shape %(other)s contradicts it") % {
        "counts": image.photometric_interpretation,
        "other": image.presentation_lut_shape,
    }


# In a row of words "several" alone says nothing.
_PROJECTIONS: dict[str, str | Promise] = {
    Projection.SEVERAL.value: _lazy("several projections"),
    Projection.OTHER.value: _lazy("another projection"),
}


def case_side_and_projection(case: Case, images: Iterable[Image]) -> str:
    """ "Left, PA": what stands beside the body part of the whole case; "" where nothing holds for all of it.

    What the sender says is about all pictures. A header is about its own picture: the case repeats it if all
    pictures say the same, or if no picture has a value of its own, as in cases of earlier versions.
    """
    side, projection = "", ""
    if _holds_for_all(case, "side", images):
        side = case.get_side_display().lower()
    if _holds_for_all(case, "projection", images):
        projection = str(_PROJECTIONS.get(case.projection) or case.get_projection_display())
    return ", ".join(filter(None, (side, projection)))


def _holds_for_all(case: Case, name: str, images: Iterable[Image]) -> bool:
    own = {getattr(image, name) for image in images}
    return name not in case.from_header or own <= {getattr(case, name)} or own <= {""}
