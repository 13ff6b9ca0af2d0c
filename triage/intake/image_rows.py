"""The row of one picture, from its decoded file."""

from dataclasses import asdict

from triage.intake.contradictions import contradicted
from triage.intake.decoding import DecodedFile
from triage.intake.details import CaseDetails
from triage.intake.files import StoredFiles
from triage.intake.image_columns import image_columns
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
    file, columns = decoded.file, image_columns(decoded.image)
    return Image(
        case=case,
        site=case.site,
        position=position,
        file_name=file.name[-120:],
        byte_size=file.size,
        sha256=decoded.sha256,
        side=side_of(file.side, given, columns["image_laterality"]),
        projection=projection_of(file.projection, given, columns["view_position"]),
        header_contradicts=contradicted(given, file.side, file.projection, decoded.image.tags),
        series=series,
        **columns,
        **asdict(stored),
    )
