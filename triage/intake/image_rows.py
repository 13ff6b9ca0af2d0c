"""The row of one picture, from its decoded file."""

from triage.intake.answer import DecodedImage
from triage.intake.contradictions import contradicted
from triage.intake.details import CaseDetails
from triage.intake.image_columns import image_columns
from triage.intake.side_and_projection import projection_of, side_of
from triage.models import Case, DecodeJob, Image, Series


def new_image(
    case: Case, given: CaseDetails, job: DecodeJob, decoded: DecodedImage, series: Series | None
) -> Image:
    """An unsaved image, which takes over the files of its job.

    Args:
        given: what the sender says of the whole case, before headers filled in gaps.
    """
    columns = image_columns(decoded)
    return Image(
        case=case,
        site=case.site,
        position=job.position,
        file_name=job.file_name[-120:],
        byte_size=job.byte_size,
        sha256=job.sha256,
        side=side_of(job.side, given, columns["image_laterality"]),
        projection=projection_of(job.projection, given, columns["view_position"]),
        header_contradicts=contradicted(given, job.side, job.projection, decoded.tags),
        series=series,
        original=job.original.name,
        **job.derived,
        **columns,
    )
