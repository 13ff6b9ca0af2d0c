"""First, second and third opinions of a case: which of them a reader may give or correct now."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.access import roles_at
from accounts.models import User
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import SIGNS_REVIEWS
from triage.models import Case, Review
from triage.states import CaseState
from triage.vocabulary import Stage


def first_reading_of(case: Case, reader: User) -> Review | None:
    """The first reading that ``reader`` has locked; None where there is none, and where nothing is blind."""
    if not case.is_blind:
        return None
    return Review.objects.filter(case=case, reader=reader, stage=Stage.FIRST).first()


def refusal_without_first_reading(case: Case, reader: User) -> Conflict | None:
    """Why ``reader`` may not give the final opinion yet, or None where they may."""
    if not case.is_sealed or first_reading_of(case, reader):
        return None
    text = _("This case is read blind: lock a first reading. Then the final opinion can be signed.")
    return Conflict("first_reading_missing", text)


def refusal_to_correct(
    review: Review, user: User, roles: Collection[str] | None = None
) -> Refused | None:
    """Why ``user`` may not sign a correction of ``review``, or None where they may.

    Args:
        roles: that they hold at the case's site, where they were loaded for several reviews.
    """
    if review.reader_id != user.pk or not _signs(user, review, roles):
        return NotPermitted("not_your_review", _("You correct your own reviews only."))
    if getattr(review, "superseded_by", None) is not None:
        return Conflict("already_corrected", _("This review has been corrected already."))
    if review.stage == Stage.FIRST:
        return Conflict("first_reading_locked", _("A first reading stays as it was locked."))
    if review.stage != Stage.THIRD and review.case.third_because and not review.case.is_open:
        text = _("A third reader has decided this case since, so your opinion stays as it was.")
        return Conflict("third_reading", text)
    if review.case.state == CaseState.THIRD:
        text = _("A third reader reads this case now. Correct your opinion after that.")
        return Conflict("third_reading", text)
    return None


def _signs(user: User, review: Review, roles: Collection[str] | None) -> bool:
    held = roles_at(user, review.case.site_id) if roles is None else roles
    return not set(SIGNS_REVIEWS).isdisjoint(held)
