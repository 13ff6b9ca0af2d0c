"""The facts of one picture: the side and projection it shows, and what its header says."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from triage.models.study import LONGEST_TEXT, Series
from triage.vocabulary import Projection, Side, SpacingPlane

# In the database too: images are inserted by millions, and a version of before may still be writing.
EMPTY: dict[str, Any] = {"blank": True, "default": "", "db_default": ""}


@dataclass(frozen=True)
class Spacing:
    """Distances between neighbouring rows and columns of pixels in mm, and where they are so long."""

    row: float
    column: float
    plane: SpacingPlane


@dataclass(frozen=True)
class Window:
    """A window in values after the header's rescale; ``width`` is above 0."""

    center: float
    width: float
    explanation: str = ""


class ImageFacts(models.Model):
    """Columns of ``Image``. A text is "", anything else null, where nobody said it: so of every JPEG.

    ``side`` and ``projection`` count: the sender's value for this picture, else for the whole case, else
    the header's (``triage.intake.side_and_projection``). ``image_laterality``, ``view_position`` and
    ``body_part_examined`` are the header's own values, whatever others said. Keywords are those of
    PS3.6 in snake case; dates and times are those of the device's clock, lengths are mm.
    """

    side = models.CharField(_("side"), max_length=1, choices=Side.choices, **EMPTY)
    projection = models.CharField(
        _("projection"), max_length=8, choices=Projection.choices, **EMPTY
    )
    modality = models.CharField(max_length=16, blank=True)
    # In capitals: where the sender says nothing, they say what the film shows.
    body_part_examined = models.CharField(max_length=16, blank=True)
    view_position = models.CharField(max_length=16, blank=True)
    image_laterality = models.CharField(max_length=1, choices=Side.choices, **EMPTY)
    patient_orientation = models.CharField(max_length=33, **EMPTY)  # two code strings of 16

    # Fields of the case in which the header says something else than the sender
    # (``triage.intake.contradictions``). Null of images of before: nobody compared.
    header_contradicts = ArrayField(models.CharField(max_length=20), null=True, blank=True)

    # Null where no DICOM header names a series. No index: a page goes from a case to its images to their
    # series, and no series is ever deleted. No constraint of Django's: ``image_is_of_its_series_case``, in
    # the migration, references the series together with the case.
    series = models.ForeignKey(
        Series,
        models.PROTECT,
        null=True,
        related_name="images",
        db_index=False,
        db_constraint=False,
    )
    sop_instance_uid = models.CharField(max_length=LONGEST_TEXT, **EMPTY)
    sop_class_uid = models.CharField(max_length=LONGEST_TEXT, **EMPTY)
    instance_number = models.IntegerField(null=True, blank=True)
    acquisition_date = models.DateField(null=True, blank=True)
    acquisition_time = models.TimeField(null=True, blank=True)
    content_date = models.DateField(null=True, blank=True)
    content_time = models.TimeField(null=True, blank=True)

    pixel_spacing_row = models.FloatField(null=True, blank=True)
    pixel_spacing_column = models.FloatField(null=True, blank=True)
    imager_pixel_spacing_row = models.FloatField(null=True, blank=True)
    imager_pixel_spacing_column = models.FloatField(null=True, blank=True)
    pixel_spacing_calibration_type = models.CharField(max_length=16, **EMPTY)
    window_center = ArrayField(models.FloatField(), null=True, blank=True)
    window_width = ArrayField(models.FloatField(), null=True, blank=True)
    window_center_width_explanation = ArrayField(
        models.CharField(max_length=LONGEST_TEXT), null=True, blank=True
    )
    # value = slope × stored value + intercept, which windows are in; null is 1 and 0.
    rescale_slope = models.FloatField(null=True, blank=True)
    rescale_intercept = models.FloatField(null=True, blank=True)
    voi_lut_function = models.CharField(max_length=16, **EMPTY)  # "" is LINEAR
    presentation_lut_shape = models.CharField(max_length=16, **EMPTY)
    photometric_interpretation = models.CharField(max_length=16, **EMPTY)
    bits_stored = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def windows(self) -> list[Window]:
        """In the header's order; the first one is the default."""
        centers, widths = self.window_center or [], self.window_width or []
        names = self.window_center_width_explanation or [""] * len(centers)
        return [Window(*window) for window in zip(centers, widths, names, strict=True)]

    @property
    def polarities_differ(self) -> bool:
        """Whether Photometric Interpretation and Presentation LUT Shape contradict each other (PS3.3
        C.8.11.3.1.2). The first one counts: ``classifier.dicom_grey``.
        """
        said = (self.photometric_interpretation, self.presentation_lut_shape)
        return said in (("MONOCHROME1", "IDENTITY"), ("MONOCHROME2", "INVERSE"))

    @property
    def spacing(self) -> Spacing | None:
        """The spacing to measure with; None where the header gives none.

        PS3.3 10.7.1.3: Pixel Spacing is of the patient only if a calibration type stands beside it, and
        of the detector where it equals Imager Pixel Spacing. On the detector everything looks larger than it
        is, since the rays spread.
        """
        imager = self.imager_pixel_spacing_row, self.imager_pixel_spacing_column
        patient = self.pixel_spacing_row, self.pixel_spacing_column
        row, column = imager if patient[0] is None else patient
        if row is None or column is None:
            return None
        if self.pixel_spacing_calibration_type and patient[0] is not None:
            return Spacing(row, column, SpacingPlane.PATIENT)
        at_detector = (row, column) == imager
        return Spacing(row, column, SpacingPlane.DETECTOR if at_detector else SpacingPlane.UNKNOWN)


def _whole_pair(name: str) -> Q:
    """Both of a pair or none, and each above 0: nobody measures with a length that can't be."""
    row, column = f"{name}_row", f"{name}_column"
    # A CHECK passes if its condition is NULL, so NOT NULL is tested for explicitly.
    given = Q(**{f"{row}__isnull": False, f"{column}__isnull": False})
    return Q(**{row: None, column: None}) | given & Q(**{f"{row}__gt": 0, f"{column}__gt": 0})


FACT_CONSTRAINTS = [
    models.CheckConstraint(
        # A picture has one projection; only a case may have several.
        condition=~Q(projection=Projection.SEVERAL),
        name="image_has_one_projection",
    ),
    models.CheckConstraint(
        condition=_whole_pair("pixel_spacing") & _whole_pair("imager_pixel_spacing"),
        name="image_spacing_is_a_length",
    ),
    models.CheckConstraint(
        condition=Q(window_center=None, window_width=None)
        | Q(window_center__isnull=False, window_width__isnull=False)
        & Q(window_center__len=F("window_width__len"))
        & (
            Q(window_center_width_explanation=None)
            | Q(window_center__len=F("window_center_width_explanation__len"))
        ),
        name="image_windows_are_pairs",
    ),
]
