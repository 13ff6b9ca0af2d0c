"""What a case's sender and readers see where DICOM headers contradict what the sender gave."""

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from triage.models import Case, Image


@dataclass(frozen=True)
class Contradiction:
    """``field``: a field of the case. ``images``: positions of the images whose headers say otherwise."""

    field: str
    images: list[int]
    message: str


def contradictions_of(case: Case) -> list[Contradiction]:
    """One for each field that a header contradicts, without the header's values."""
    found: dict[str, list[Image]] = {}
    for image in case.images.all():
        for name in image.header_contradicts or []:
            found.setdefault(name, []).append(image)
    return [
        Contradiction(name, [image.position for image in images], _message(name, images))
        for name, images in found.items()
    ]


def label_of(name: str) -> str:
    """The name of a case's field on pages, in the reader's language."""
    field: Any = Case._meta.get_field(name)
    return str(field.verbose_name)


def _message(name: str, images: list[Image]) -> str:
    text = _("%(field)s: the DICOM header of %(files)s says otherwise. The sender's value counts.")
    files = ", ".join(image.file_name for image in images)
    return text % {"field": capfirst(label_of(name)), "files": files}
