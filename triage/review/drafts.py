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
from accounts.refusals import Conflict, Refused
from triage.models import Case, CriticalResult, Draft, Review
from triage.review.actions import Actions, refusal_of_person
from triage.review.draft_content import checked
from triage.review.opinion import GivenOpinion, given_in
from triage.review.opinion_content import Content, is_as_signed, is_critical, is_said
from triage.review.stages import refusal_to_correct
from triage.vocabulary import Stage

NEWER = gettext_lazy("This draft was saved with another text since. Take one of the two.")
MOST_LISTED = 100  # of one reader, who has a handful
# Why an opinion can't be corrected any more. What was written until then is kept, to be read.
TOO_LATE = {"already_corrected", "third_reading"}


@dataclass(frozen=True)
class Followed:
    """The draft that a page was made from, and the page itself: its saves may overtake their answers."""

    version: UUID | None
    editor: UUID | None

    def is_followed(self, draft: Draft) -> bool:
        is_own = self.editor is not None and draft.editor == self.editor
        return is_own or draft.version == self.version


def drafts_on(case: Case, reader: User) -> list[Draft]:
    """All that ``reader`` has written on the case and not signed, the last saved first."""
    return list(Draft.objects.filter(case=case, reader=reader).order_by("-saved_at", "-id"))


def draft_of(case: Case, reader: User, corrects: Review | None = None) -> Draft | None:
    """What ``reader`` has written on the case and not signed; None where there is nothing.

    ``corrects``: their review, of whose correction it is; None: of their opinion.
    """
    return Draft.objects.filter(case=case, reader=reader, corrects=corrects).first()


def own_review(case: Case, reader: User, review_id: UUID) -> Review | None:
    """The reader's own review on the case, of whose correction a draft may be."""
    return Review.objects.filter(case=case, reader=reader, pk=review_id).first()


def own_drafts(reader: User) -> list[Draft]:
    """The reader's drafts of cases that they still see, the last saved first, with their cases."""
    drafts = Draft.objects.visible_to(reader).select_related("case__site")
    drafts = drafts.prefetch_related("case__images")
    return list(drafts.order_by("-saved_at", "-id")[:MOST_LISTED])


def has_ended(case: Case, reader: User, corrects: Review | None = None) -> bool:
    """Whether ``reader`` has signed what they wrote, so that there is nothing to write any more."""
    if corrects:
        return Review.objects.filter(supersedes=corrects).exists()
    return not case.is_open and Review.objects.filter(case=case, reader=reader).exists()


@transaction.atomic
def save_draft(
    *,
    case: Case,
    reader: User,
    content: Mapping[str, Any],
    corrects: Review | None = None,
    version: UUID | None = None,
    editor: UUID | None = None,
    overwrite: bool = False,
) -> Draft | None:
    """Keeps what the reader has written until now. Returns None if that is nothing, or if all is signed.

    Also of a case that somebody else holds or has closed: what was typed meanwhile must not be lost. The
    case's row is locked, so that a save that was on its way during the signature finds it signed.

    Args:
        corrects: the reader's review of which it is a correction. One that changes nothing is no draft.
        version: of the draft that ``content`` was made from; None where there was none.
        editor: the page that saves. Its saves may overtake their answers, so it needs no version.
        overwrite: replaces whatever another page has saved.

    Raises Refused; NotPermitted: no reader of this case; Conflict: another page saved since, or it is signed.
    """
    kept = checked(content)
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    if kept and _is_signed(case, reader, kept, corrects):
        return None
    _check_may_write(case, reader, corrects)
    draft = draft_of(case, reader, corrects)
    if draft and draft.content == kept:
        return draft
    if has_ended(case, reader, corrects):
        raise Conflict("draft_signed", _("You have signed this case, so its draft has ended."))
    kept = _changed(kept, corrects)
    if draft is None:
        of = {"case": case, "reader": reader, "corrects": corrects}
        return Draft.objects.create(**of, content=kept, editor=editor) if kept else None
    if not (overwrite or Followed(version, editor).is_followed(draft)):
        raise Conflict("draft_newer", NEWER)
    return _replaced(draft, kept, editor)


def _check_may_write(case: Case, reader: User, corrects: Review | None) -> None:
    if corrects is None:
        refusal: Refused | None = refusal_of_person(Actions(case, reader))
    else:
        refusal = refusal_to_correct(corrects, reader)
    if refusal and not (corrects and refusal.code in TOO_LATE):
        raise refusal


def _is_signed(case: Case, reader: User, content: Content, corrects: Review | None) -> bool:
    """Whether an opinion of ``reader`` says all of it. A first reading doesn't count: another one follows.

    Of a correction, only what was signed after the opinion that it corrects. Who has signed and may give no
    opinion any more, since a third reader is asked, hears so too.
    """
    reviews = Review.objects.filter(case=case, reader=reader).exclude(stage=Stage.FIRST)
    if corrects:
        reviews = reviews.filter(pk__gt=corrects.pk)
    return any(
        is_said(content, given_in(review), critical=is_critical(content) and _was_ticked(review))
        for review in reviews
    )


def _changed(content: Content, corrects: Review | None) -> Content:
    """Nothing, where a correction says what was signed."""
    if corrects is None:
        return content
    is_same = is_as_signed(content, given_in(corrects), critical=_was_ticked(corrects))
    return {} if is_same else content


def _was_ticked(review: Review) -> bool:
    return CriticalResult.objects.filter(review=review, by_reader=True).exists()


def _replaced(draft: Draft, kept: Content, editor: UUID | None) -> Draft | None:
    if not kept:
        draft.delete()
        return None
    changed = {"content": kept, "version": new_id(), "editor": editor, "saved_at": Now()}
    Draft.objects.filter(pk=draft.pk).update(**changed)
    draft.refresh_from_db()
    return draft


def discard_draft(*, case: Case, reader: User, corrects: Review | None = None) -> None:
    """Ends the reader's draft, if there is one: they don't want it any more."""
    Draft.objects.filter(case=case, reader=reader, corrects=corrects).delete()


def end_draft(
    *,
    case: Case,
    reader: User,
    given: GivenOpinion,
    critical: bool = False,
    followed: Followed | None,
    corrects: Review | None = None,
) -> None:
    """Ends the reader's draft with their signature. The case is locked.

    What another page has saved stays, to be read until it is discarded, if the signature doesn't say all of
    it: this one never had it.

    Args:
        given: what is signed.
        critical: whether the reader ticked that the clinic must hear of it at once.
        followed: by the page that signs; None for a program, which ends whatever draft there is.
        corrects: the review that is corrected.
    """
    draft = draft_of(case, reader, corrects)
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
