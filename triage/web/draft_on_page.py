"""The reader's draft on the page of a case: in the form, or to be read where there is no form any more."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused
from triage.models import Case, Draft, Review
from triage.review.draft_content import FIELDS, SEEN
from triage.review.drafts import Followed, drafts_on, save_draft
from triage.review.opinion import GivenOpinion
from triage.review.opinion_content import content_with, given_from, is_critical
from triage.review.sentence import place_in_words, sentence
from triage.review.services import STAGE_CHANGED
from triage.states import CaseState
from triage.vocabulary import Stage
from triage.web.opinion_form import content_of
from triage.web.signed import Signed

# The draft that the form was made from, and the page that has saved it since.
VERSION, EDITOR = "draft_version", "draft_editor"
# In the place of a prediction's id, in a final form after a first reading, where none decides: so what was
# chosen in the blind form before is not taken for what is chosen here.
NONE_SEEN = "none"
# Refusals where the page has something that its reader has not seen.
UNSEEN = ("prediction_unseen", STAGE_CHANGED)


@dataclass(frozen=True)
class DraftOnPage:
    """``row``: None where nothing was saved. ``opinions``: what they have signed, so their tab forgets it.

    ``corrects``: the opinion that it is a correction of; None: it is of an opinion.
    """

    row: Draft | None
    opinions: Sequence[Signed] = ()
    corrects: Signed | None = None
    signed_since: datetime | None = (
        None  # of a case that waits for a third reader: when was signed last
    )

    fields: ClassVar[str] = " ".join(FIELDS)  # which of a form's fields the page saves

    @property
    def critical(self) -> bool:
        """Whether the form begins with the tick that the clinic must hear of it at once."""
        if self.row is None:
            return self.corrects is not None and self.corrects.was_ticked
        return is_critical(self.row.content)

    @property
    def text(self) -> str:
        """All that was entered, as a person would copy it."""
        return text_of(self.row.content) if self.row else ""

    @property
    def signed(self) -> str:
        """The contents of the opinions, for the script that compares them with what the tab has kept."""
        return json.dumps(
            [
                content_with(opinion.given) | {"critical": ["on"] if opinion.was_ticked else []}
                for opinion in self.opinions
            ]
        )

    def given(self, seen: str, first: GivenOpinion | None) -> GivenOpinion:
        """What the form begins with: the draft; in the final form of a blind case else the first reading, in
        that of a correction what was signed.

        "Agree" was with one prediction: with another one nobody has agreed, nor chosen what agreeing had
        filled in. In a final form whether there is a fracture is answered anew, with the prediction before
        one's eyes: else the press that locked the first reading, done twice, would sign a final opinion that
        nobody has formed.

        ``seen``: what the form says that its reader sees.
        """
        if self.row is None and self.corrects:
            return self.corrects.given
        if self.row is None:
            return replace(first, fracture="") if first else GivenOpinion()
        given = given_from(self.row.content)
        if self.signed_since and self.row.saved_at < self.signed_since:
            return replace(
                given, agrees=False, fracture=""
            )  # it was no answer to what was signed since
        if self.row.content.get(SEEN, "") == seen:
            return given
        if given.agrees:
            return replace(given, agrees=False, fracture="", classes=())
        return replace(given, fracture="") if first else given

    def has_lost_its_answer(self, given: GivenOpinion) -> bool:
        """Whether the form, which begins with ``given``, asks again what the draft had answered."""
        return (
            self.row is not None and bool(self.row.content.get("fracture")) and not given.fracture
        )


def text_of(content: Mapping[str, Any]) -> str:
    """All that the content of a form says, a line each."""
    given = given_from(content)
    lines = [
        sentence(given),
        ", ".join(place_in_words(place) for place in given.places),
        given.comment,
        _("Agree with the model") if given.agrees else "",
        _("Critical: notify the clinic at once") if is_critical(content) else "",
    ]
    return "\n".join(line for line in lines if line)


@dataclass(frozen=True)
class KeptDraft(DraftOnPage):
    """What can be signed no more, to be read. ``of``: the review that it was to correct; None: an opinion."""

    of: UUID | None = None


@dataclass(frozen=True)
class DraftsOnPage:
    """``form``: of the page's one form, of an opinion or of a correction. ``kept``: shown without a form for
    it, the opinion's first.
    """

    form: DraftOnPage
    kept: Sequence[KeptDraft]


def drafts_on_page(case: Case, user: User, shown: Iterable[Signed]) -> DraftsOnPage:
    """``shown``: the opinions on the case that ``user`` may see; one's own are among them."""
    shown = list(shown)
    own = [opinion for opinion in shown if opinion.review.reader_id == user.pk]
    rows = {row.corrects_id: row for row in drafts_on(case, user)}
    times = [signed.review.signed_at for signed in shown] if case.state == CaseState.THIRD else []
    opinion = KeptDraft(rows.pop(None, None), own, signed_since=max(times, default=None))
    # A reader gives one opinion that can be corrected, and of its corrections the last.
    corrects = next((signed for signed in own if signed.may_correct), None)
    form: DraftOnPage = opinion
    if corrects:
        form = DraftOnPage(rows.pop(corrects.review.pk, None), [corrects], corrects)
    ended = [one.review.pk for one in own if one != corrects and one.review.stage != Stage.FIRST]
    of = sorted({*ended, *(pk for pk in rows if pk)})
    kept = [_kept(rows.get(pk), own, pk) for pk in of]
    return DraftsOnPage(form, [opinion, *kept])


def _kept(row: Draft | None, own: Sequence[Signed], of: UUID) -> KeptDraft:
    """``own``: of them, what was signed after the opinion that it was to correct may say it."""
    return KeptDraft(row, [one for one in own if one.review.pk > of], of=of)


def seen_in_form(deciding_id: UUID | None, first: GivenOpinion | None) -> str:
    """What the form says that its reader sees: the deciding prediction's id, ``NONE_SEEN``, or ""."""
    if deciding_id:
        return str(deciding_id)
    return NONE_SEEN if first else ""


def keep_typed(
    case: Case,
    reader: User,
    form: QueryDict,
    corrects: Review | None = None,
    *,
    is_asked_again: bool = False,
) -> dict[str, Any]:
    """Saves what came with a form that could not be signed, so that it outlives the refusal.

    Returns what the page needs. ``typed``: the content, if it was not saved; the page's script keeps it.
    ``typed_words``: what it says. ``typed_of``: the review that it was to correct.
    ``is_behind``: another page has saved something newer. That stays, and the reader chooses.

    ``is_asked_again``: whether there is a fracture must be answered anew, so that is left out.
    """
    content = content_of(form) | ({"fracture": "", "agrees": []} if is_asked_again else {})
    try:
        followed = vars(followed_by(form))
        save_draft(case=case, reader=reader, content=content, corrects=corrects, **followed)
    except Refused as refused:
        # If it is not newer: they never could sign here, have signed, or it is no text that a person typed.
        typed = {"typed": json.dumps(content), "typed_words": text_of(content)}
        of = corrects.pk if corrects else None
        return typed | {"typed_of": of, "is_behind": refused.code == "draft_newer"}
    return {}


def sent_back(draft: DraftOnPage, given: GivenOpinion, correcting: UUID | None) -> dict[str, Any]:
    """What the page's form says after a refusal, if it is the form that was sent: of the same opinion, or of
    a correction of the same one. Another form keeps its own: what was sent is shown to be read.

    ``correcting``: the review that was to be corrected; None: an opinion was sent.
    """
    of = draft.corrects.review.pk if draft.corrects else None
    return {"given": given, "is_sent_back": True} if of == correcting else {}


def without_unseen(given: GivenOpinion, refused: Refused, *, is_seen: bool) -> GivenOpinion:
    """What was chosen for what the page showed before must be chosen again for what it shows now."""
    if given.agrees and not is_seen:
        return replace(given, agrees=False, fracture="", classes=())
    return replace(given, fracture="") if refused.code in UNSEEN else given


def followed_by(form: QueryDict) -> Followed:
    return Followed(version=id_in(form, VERSION), editor=id_in(form, EDITOR))


def id_in(form: QueryDict, name: str) -> UUID | None:
    """None where the form has none."""
    try:
        return UUID(form.get(name, ""))
    except ValueError:
        return None
