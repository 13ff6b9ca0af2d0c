"""Why a case was refused, as pages say it: by the names that fields have there, not by those of the API."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from triage.http.contradictions import label_of
from triage.intake.errors import IntakeRefused
from triage.intake.refusals import SEVERAL_STUDIES


def reasons_of(refusal: IntakeRefused, *, by_position: bool = False) -> list[str]:
    """A sentence for each file and each field; the refusal's own where it names neither.

    ``by_position``: "File 2: …", since two files may have one name.
    """
    files = [
        _("File %(position)d: %(reason)s") % {"position": file.position, "reason": file.reason}
        if by_position
        else file.reason
        for file in refusal.files
    ]
    if refusal.code == SEVERAL_STUDIES:
        return files  # a page asks with a box; the field's sentence is for programs
    fields = [f"{_label(name)}: {' '.join(texts)}" for name, texts in refusal.fields.items()]
    return files + fields or [refusal.message]


def _label(name: str) -> str:
    return capfirst(label_of(name))
