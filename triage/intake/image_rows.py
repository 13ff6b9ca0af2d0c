"""The row of one picture, from its decoded file."""

from dataclasses import asdict

from classifier.facts import InstanceFacts
from triage.intake.decoding import DecodedFile
from triage.intake.details import CaseDetails
from triage.intake.files import StoredFiles
from triage.intake.side_and_projection import projection_of, side_of
from triage.models import Case, Image, Series


def new_image(
    case: Case,
    position: int,
    given: CaseDetails,
    decoded: DecodedFile,
    stored: StoredFiles,
    series: Series | None,
) -> Image:
    """An unsaved image.

    Args:
        position: its place in the case, from 1 on.
        given: what the sender says of the whole case, before headers filled in gaps.
    """
    file, image = decoded.file, decoded.image
    instance = image.facts.instance if image.facts else InstanceFacts()
    view_position = str(image.tags.get("projection") or "")
    return Image(
        case=case,
        site=case.site,
        position=position,
        file_name=file.name[-120:],
        kind=image.kind,
        byte_size=len(file.data),
        sha256=decoded.sha256,
        width=image.width,
        height=image.height,
        bits=image.bits,
        modality=image.modality,
        body_part_examined=str(image.tags.get("body_part") or ""),
        view_position=view_position,
        side=side_of(file.side, given, instance.image_laterality),
        projection=projection_of(file.projection, given, view_position),
        series=series,
        **_columns(instance),
        **asdict(stored),
    )


def _columns(facts: InstanceFacts) -> dict[str, object]:
    """The columns of ``Image`` that hold the facts of one picture."""
    columns = asdict(facts)
    for name in ("pixel_spacing", "imager_pixel_spacing"):
        columns[f"{name}_row"], columns[f"{name}_column"] = columns.pop(name) or (None, None)
    for name in ("window_center", "window_width", "window_center_width_explanation"):
        columns[name] = list(columns[name]) or None
    return columns
