"""What the decoder made of one file, as a decode job keeps it until the decision."""

from dataclasses import dataclass, fields
from typing import Any

from classifier.facts import DicomFacts
from triage.intake.answer import DecodedImage

# Each is a file of its own, which the job names: bytes have no place in a row.
_FILES = {field.name for field in fields(DecodedImage) if field.type is bytes}


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
    """The inverse of ``answer_of``. Its pictures are empty."""
    facts = answer["facts"]
    read = None if facts is None else DicomFacts.from_json(facts)
    return DecodedImage(**{**answer, **dict.fromkeys(_FILES, b""), "facts": read})
