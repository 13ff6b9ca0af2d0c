"""Which columns a decoded image fills, and whether its values fit them."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from classifier.facts import InstanceFacts
from triage.models import Case, Image, Series, Study

if TYPE_CHECKING:
    from triage.intake.answer import DecodedImage


def image_columns(image: "DecodedImage") -> dict[str, Any]:
    """The columns of ``Image`` that hold what the decoder said of an image."""
    return {
        "kind": image.kind,
        "bits": image.bits,
        "width": image.width,
        "height": image.height,
        "modality": image.modality,
        "pixel_aspect_ratio": image.aspect,
        "display_by": image.display_by,
        "curves": image.curves,
        "look": image.look,
        "body_part_examined": str(image.tags.get("body_part") or ""),
        "view_position": str(image.tags.get("projection") or ""),
        **_fact_columns(image.facts.instance if image.facts else InstanceFacts()),
    }


def _fact_columns(facts: InstanceFacts) -> dict[str, Any]:
    columns = asdict(facts)
    for name in ("pixel_spacing", "imager_pixel_spacing"):
        columns[f"{name}_row"], columns[f"{name}_column"] = columns.pop(name) or (None, None)
    for name in ("window_center", "window_width", "window_center_width_explanation"):
        columns[name] = list(columns[name]) or None
    return columns


def check_columns(image: "DecodedImage") -> None:
    """Raises ValueError for a value that the column it goes to can't hold: by the models' own fields.

    A file may have taken the decoder over and let it say anything; PostgreSQL would refuse the value only
    when the case is saved, as an error of ours.
    """
    for model, name, value in _values(image):
        field = model._meta.get_field(name)
        if not isinstance(field, models.Field):
            raise ValueError(f"{name} is no column")
        if not all(text.isprintable() for text in _texts(value)):  # NUL and half characters too
            raise ValueError(f"{name} is not printable")
        if value not in (None, ""):
            try:
                field.clean(value, None)
            except ValidationError as wrong:
                raise ValueError(f"{name} doesn't fit its column") from wrong


def _values(image: "DecodedImage") -> Iterator[tuple[type[models.Model], str, Any]]:
    yield from ((Image, name, value) for name, value in image_columns(image).items())
    # A header's number may fill the case's own; intake cuts longer ones off.
    yield Case, "accession_number", str(image.tags.get("accession_number") or "")
    if image.facts is not None:
        yield from ((Study, name, value) for name, value in asdict(image.facts.study).items())
        yield from ((Series, name, value) for name, value in asdict(image.facts.series).items())


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]
