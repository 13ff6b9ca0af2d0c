"""A file as it arrived, before anything is known of it but its bytes."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from triage.intake.errors import IntakeRefused


@dataclass(frozen=True)
class IncomingFile:
    """A file as it arrived.

    ``stored`` is its name in the storage, ``size`` in bytes. ``side`` and ``projection``: as the sender gave
    them for this file, else "".
    """

    name: str
    stored: str
    size: int
    sha256: str
    side: str = ""
    projection: str = ""


def check_number(files: int) -> None:
    """Raises IntakeRefused unless a case may hold so many files."""
    most = settings.CALLUS_INTAKE["max_images"]
    if not files:
        raise IntakeRefused(_("Send at least one picture."), fields={"images": [_("Required.")]})
    if files > most:
        text = _("A case holds at most %(most)d pictures; %(given)d came.")
        raise IntakeRefused(text % {"most": most, "given": files})
