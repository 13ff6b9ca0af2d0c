"""The reader's draft on the page of a case: in the form, or to be read where there is no form any more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from triage.models import Case, Draft
from triage.review.drafts import FIELDS, SEEN, draft_of, has_ended, save_draft
from triage.vocabulary import FractureClass, Opinion

EMPTY: dict[str, Any] = {"opinion": "", "classes": [], "comment": ""}


@dataclass(frozen=True)
class DraftOnPage:
    """``row``: None where nothing was saved. ``ended``: they have signed, so the tab's own copy goes too."""

    row: Draft | None
    ended: bool

    fields: ClassVar[str] = " ".join(FIELDS)  # which of a form's fields the page saves

    @property
    def text(self) -> str:
        """All that was written, as a person would copy it."""
        content = self.row.content if self.row else {}
        lines = [shown(content[name]) for name, shown in _SHOWN.items() if name in content]
        return "\n".join(line for line in lines if line)

    def given(self, deciding_id: UUID | None) -> dict[str, Any]:
        """What the form begins with. "Agree" was with one prediction: with another one nobody has agreed."""
        content = self.row.content if self.row else {}
        given = EMPTY | {name: content[name] for name in EMPTY if name in content}
        if given["opinion"] == Opinion.AGREE and content.get(SEEN) != str(deciding_id):
            given["opinion"] = ""
        return given


def draft_on_page(case: Case, user: User) -> DraftOnPage:
    return DraftOnPage(draft_of(case, user), has_ended(case, user))


def keep_typed(case: Case, reader: User, form: QueryDict) -> None:
    """Saves what came with a form that could not be signed, so that it outlives the answer."""
    content = {
        name: form.getlist(name) if field.many else form.get(name, "")
        for name, field in FIELDS.items()
    }
    try:
        save_draft(case=case, reader=reader, content=content, overwrite=True)
    except Refused:
        return  # they never could sign here, or it is no text that a person typed


def _label(choices: Any) -> Callable[[str], str]:
    return lambda value: str(choices(value).label) if value in choices.values else value


def _types(names: list[str]) -> str:
    return _("Types: %(names)s") % {"names": ", ".join(map(_label(FractureClass), names))}


# Name of a field → how a person reads it, in this order.
_SHOWN: dict[str, Callable[[Any], str]] = {
    "opinion": _label(Opinion),
    "classes": _types,
    "comment": str,
}
