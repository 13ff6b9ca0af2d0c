"""What the decoder made of one file, as a decode job keeps it until the decision."""

from dataclasses import dataclass, fields
from typing import Any

from classifier.facts import DicomFacts
from triage.intake.answer import DecodedImage
from triage.models import DecodeJob

# Each is a file of its own, which the job names: bytes have no place in a row.
_FILES = {field.name for field in fields(DecodedImage) if field.type is bytes}
_SAID = {field.name for field in fields(DecodedImage)} - _FILES


class OtherFormError(ValueError):
    """Another version of Callus wrote this answer."""


@dataclass(frozen=True)
class Decoded:
    """``answer``: what the decoder said, as JSON. ``derived``: name → storage name of what it made."""

    answer: dict[str, Any]
    derived: dict[str, str]


def answer_of(image: DecodedImage) -> dict[str, Any]:
    """What the decoder said, without the pictures."""
    said = {name: value for name, value in vars(image).items() if name not in _FILES}
    return said | {"facts": None if image.facts is None else image.facts.as_json()}


def image_of(answer: dict[str, Any]) -> DecodedImage:
    """The inverse of ``answer_of``. Its pictures are empty.

    Raises:
        OtherFormError: it lacks a value that this version needs, or has one that it doesn't know.
    """
    if set(answer) != _SAID:
        raise OtherFormError
    try:
        read = None if answer["facts"] is None else DicomFacts.from_json(answer["facts"])
    except ValueError as other:
        raise OtherFormError from other
    return DecodedImage(**{**answer, **dict.fromkeys(_FILES, b""), "facts": read})


def is_readable(job: DecodeJob) -> bool:
    """Whether this version can go on with what the job keeps.

    Around an update it may be what another version made. The original is there, and is decoded again.
    """
    if job.answer is None:
        return True
    try:
        image_of(job.answer)
    except OtherFormError:
        return False
    return set(job.derived) == _FILES
