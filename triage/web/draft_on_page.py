"""The reader's draft on the page of a case: in the form, or to be read where there is no form any more."""

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from django.http import QueryDict

from accounts.models import User
from accounts.refusals import Refused
from triage.models import Case, Draft
from triage.review.drafts import FIELDS, SEEN, draft_of, has_ended, save_draft
from triage.review.opinion import GivenOpinion
from triage.review.sentence import sentence
from triage.web.opinion_form import content_of, given_from

# The draft that the form was made from, and the page that has saved it since.
VERSION, EDITOR = "draft_version", "draft_editor"


@dataclass(frozen=True)
class DraftOnPage:
    """``row``: None where nothing was saved. ``ended``: they have signed, so the tab's own copy goes too."""

    row: Draft | None
    ended: bool

    fields: ClassVar[str] = " ".join(FIELDS)  # which of a form's fields the page saves

    @property
    def critical(self) -> bool:
        """Whether they had ticked that the clinic must hear of it at once."""
        return self.row is not None and "on" in self.row.content.get("critical", ())

    @property
    def text(self) -> str:
        """All that was written, as a person would copy it."""
        given = given_from(self.row.content) if self.row else GivenOpinion()
        return "\n".join(line for line in (sentence(given), given.comment) if line)

    def saw(self, prediction_id: UUID | None) -> bool:
        """Whether it was written on a page that showed this prediction."""
        seen = self.row.content.get(SEEN, "") if self.row else ""
        return seen == (str(prediction_id) if prediction_id else "")

    def given(self, deciding_id: UUID | None) -> GivenOpinion:
        """What the form begins with. "Agree" was with one prediction: with another one nobody has agreed, nor
        chosen what agreeing had filled in.
        """
        content = self.row.content if self.row else {}
        given = given_from(content)
        if given.agrees and not self.saw(deciding_id):
            return replace(given, agrees=False, fracture="", classes=())
        return given


def draft_on_page(case: Case, user: User) -> DraftOnPage:
    return DraftOnPage(draft_of(case, user), has_ended(case, user))


def keep_typed(case: Case, reader: User, form: QueryDict) -> bool:
    """Saves what came with a form that could not be signed, so that it outlives the answer.

    Returns False where another page has saved something newer: that stays, and the reader chooses.
    """
    version, editor = _id(form, VERSION), _id(form, EDITOR)
    try:
        save_draft(
            case=case, reader=reader, content=content_of(form), version=version, editor=editor
        )
    except Refused as refused:
        # Otherwise they never could sign here, or it is no text that a person typed.
        return refused.code != "draft_newer"
    return True


def _id(form: QueryDict, name: str) -> UUID | None:
    try:
        return UUID(form.get(name, ""))
    except ValueError:
        return None
