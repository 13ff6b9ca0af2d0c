"""What a picture shows, by its sender and its header, as a release's indications need it."""

from dataclasses import dataclass

from classifier.indications import Subject
from triage.models import Image


@dataclass(frozen=True)
class Described:
    """The fields of a ``classifier.radiograph.Radiograph`` that say what it shows."""

    modality: str
    tags: dict[str, str | int | None]
    sender: dict[str, str]

    @property
    def subject(self) -> Subject:
        return Subject.of(self.modality, self.tags, self.sender)


def described(image: Image) -> Described:
    """Where each value comes from.

    Body part: the sender's for the case, and this picture's header. A body part of the case that a header
    filled in is ignored, because it describes only its own picture.
    Projection: the picture's own. Age: the case's, since a case has one patient.
    """
    case = image.case
    part = "" if "body_part" in case.from_header else case.body_part
    return Described(
        modality=image.modality,
        tags={"body_part": image.body_part_examined, "projection": image.view_position},
        sender={"body_part": part, "projection": image.projection, "age_band": case.age_band},
    )
