"""What a reader writes before signing: saved while it is written, seen by nobody else, ended by signing.

A draft is no statement: no event names it, and it is no part of any export.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.identifiers import new_id
from accounts.models import User
from accounts.refusals import Conflict, Refused, refuse_nul
from accounts.texts import as_read
from triage.models import Case, CriticalResult, Draft, Review
from triage.models.review import LONGEST_COMMENT
from triage.review.actions import Actions, refusal_of_person
from triage.review.opinion import GivenOpinion, given_in
from triage.review.opinion_content import Content, is_critical, is_said
from triage.vocabulary import Stage

NEWER = gettext_lazy("This draft was saved with another text since. Take one of the two.")
MOST_LISTED = 100  # of one reader, who has a handful


@dataclass(frozen=True)
class DraftField:
    """``most``: characters of one text. ``many``: texts of a list; 0 for a field that is one text."""

    most: int
    many: int = 0


@dataclass(frozen=True)
class Followed:
    """The draft that a page was made from, and the page itself: its saves may overtake their answers."""

    version: UUID | None
    editor: UUID | None

    def is_followed(self, draft: Draft) -> bool:
        is_own = self.editor is not None and draft.editor == self.editor
        return is_own or draft.version == self.version


# What is too long to be signed is kept all the same, so that it can be shortened.
_TEXT = DraftField(most=3 * LONGEST_COMMENT)
_WORD = DraftField(most=64)
# The prediction that the reader saw: "agree" was with this one. Alone it is no draft.
SEEN = "prediction"
#: Fields of the form that a draft keeps.
FIELDS: Mapping[str, DraftField] = {
    "fracture": _WORD,
    "classes": DraftField(most=64, many=20),
    "displaced": _WORD,
    "old": _WORD,
    "places": _TEXT,  # JSON
    "other_finding": _TEXT,
    "comment": _TEXT,
    "agrees": DraftField(most=64, many=1),  # a box to tick
    "critical": DraftField(most=64, many=1),  # a box to tick; no part of the opinion
    SEEN: _WORD,
}


def draft_of(case: Case, reader: User) -> Draft | None:
    """What ``reader`` has written on the case and not signed; None where there is nothing."""
    return Draft.objects.filter(case=case, reader=reader).first()


def own_drafts(reader: User) -> list[Draft]:
    """The reader's drafts of cases that they still see, the last saved first, with their cases."""
    drafts = Draft.objects.visible_to(reader).select_related("case__site")
    drafts = drafts.prefetch_related("case__images")
    return list(drafts.order_by("-saved_at", "-id")[:MOST_LISTED])


def has_ended(case: Case, reader: User) -> bool:
    """Whether ``reader`` has signed the closed case, so that there is nothing to write any more."""
    return not case.is_open and Review.objects.filter(case=case, reader=reader).exists()


@transaction.atomic
def save_draft(
    *,
    case: Case,
    reader: User,
    content: Mapping[str, Any],
    version: UUID | None = None,
    editor: UUID | None = None,
    overwrite: bool = False,
) -> Draft | None:
    """Keeps what the reader has written until now. Returns None where nothing is kept: that is nothing, or
    they have signed all of it.

    Also of a case that somebody else holds or has closed: what was typed meanwhile must not be lost. The
    case's row is locked, so that a save that was on its way during the signature finds it signed.

    Args:
        version: of the draft that ``content`` was made from; None where there was none.
        editor: the page that saves. Its saves may overtake their answers, so it needs no version.
        overwrite: replaces whatever another page has saved.

    Raises:
        Refused: a field is unknown or too long. NotPermitted: not a reader of this case.
        Conflict: another page has saved since, or the reader has signed.
    """
    kept = checked(content)
    case = _locked_for(reader, case)
    draft = draft_of(case, reader)
    if draft is not None and draft.content == kept:
        return draft
    if kept and _is_signed(case, reader, kept):
        return None
    if has_ended(case, reader):
        raise Conflict("draft_signed", _("You have signed this case, so its draft has ended."))
    if draft is None and not kept:
        return None
    if draft is None:
        return Draft.objects.create(case=case, reader=reader, content=kept, editor=editor)
    if not (overwrite or Followed(version, editor).is_followed(draft)):
        raise Conflict("draft_newer", NEWER)
    return _replaced(draft, kept, editor)


def _locked_for(reader: User, case: Case) -> Case:
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    if refusal := refusal_of_person(Actions(case, reader)):
        raise refusal
    return case


def _is_signed(case: Case, reader: User, content: Content) -> bool:
    """Whether an opinion of ``reader`` says all of it. A first reading doesn't count: another one follows."""
    for review in Review.objects.filter(case=case, reader=reader).exclude(stage=Stage.FIRST):
        ticked = CriticalResult.objects.filter(review=review, by_reader=True).exists
        if is_said(content, given_in(review), critical=is_critical(content) and ticked()):
            return True
    return False


def _replaced(draft: Draft, kept: Content, editor: UUID | None) -> Draft | None:
    if not kept:
        draft.delete()
        return None
    changed = {"content": kept, "version": new_id(), "editor": editor, "saved_at": Now()}
    Draft.objects.filter(pk=draft.pk).update(**changed)
    draft.refresh_from_db()
    return draft


def discard_draft(*, case: Case, reader: User) -> None:
    """Ends the reader's draft of the case, if there is one: they sign it, or they don't want it any more."""
    Draft.objects.filter(case=case, reader=reader).delete()


def end_draft(
    *,
    case: Case,
    reader: User,
    given: GivenOpinion,
    critical: bool = False,
    followed: Followed | None,
) -> None:
    """Ends the reader's draft with their signature. The case is locked.

    What another page has saved stays, to be read until it is discarded, if the signature doesn't say all of
    it: this one never had it.

    Args:
        given: what is signed.
        critical: whether the reader ticked that the clinic must hear of it at once.
        followed: by the page that signs; None for a program, which ends whatever draft there is.
    """
    draft = draft_of(case, reader)
    if draft is None:
        return
    is_known = followed is None or followed.is_followed(draft)
    if is_known or is_said(draft.content, given, critical=critical):
        draft.delete()


def sweep_drafts(most: int = 1000) -> int:
    """Deletes drafts that nobody has saved for ``CALLUS_DRAFT_DAYS``. Returns how many."""
    old = Draft.objects.filter(saved_at__lt=Now() - timedelta(days=settings.CALLUS_DRAFT_DAYS))
    oldest = old.order_by("saved_at").values("pk")[:most]
    return Draft.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).delete()[0]


def checked(content: Mapping[str, Any]) -> Content:
    """The content to keep, without empty fields; {} where nothing was written. Raises Refused."""
    kept: Content = {}
    for name, value in content.items():
        field = FIELDS.get(name)
        if field is None:
            raise Refused("bad_draft", _("A draft has no field %(name)s.") % {"name": name[:64]})
        if field.many:
            texts = value if isinstance(value, list) and len(value) <= field.many else [None]
            value = [_checked_text(name, field, text) for text in texts]
        else:
            value = _checked_text(name, field, value)
        if value:
            kept[name] = value
    return kept if kept.keys() - {SEEN} else {}


def _checked_text(name: str, field: DraftField, text: Any) -> str:
    if not isinstance(text, str):
        raise Refused("bad_draft", _("The draft's field %(name)s is not valid.") % {"name": name})
    text = as_read(text)
    refuse_nul(text)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can escape
        raise Refused(
            "unstorable_character", _("The text contains a character that can't be stored.")
        ) from None
    if len(text) > field.most:
        limit = {"name": name, "most": field.most}
        raise Refused(
            "draft_too_long",
            _("The draft's field %(name)s keeps at most %(most)d characters.") % limit,
        )
    return text
