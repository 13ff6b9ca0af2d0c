"""Skipping a case: it is back in the list for others, and this reader's Next leaves it out for a while."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from accounts.refusals import Refused, refuse_nul
from accounts.services.events import emit
from accounts.texts import as_read
from triage.models import Case, Skip
from triage.models.case import LONGEST_REASON
from triage.models.reading import Ended
from triage.review.actions import Action, Actions
from triage.review.claims import emit_lapsed, end, lock_case


@transaction.atomic
def skip_case(*, case: Case, reader: User, reason: str = "") -> Skip:
    """Passes a case over, and ends the reader's own claim on it.

    Raises as ``claim``: only who could sign it has something to skip. Refused: the reason is too long.
    """
    case = lock_case(case)
    Actions(case, reader).require(Action.CLAIM)
    reason = _checked_reason(reason)
    held = case.is_claimed_by(reader)
    lapsed = end(case, Ended.RELEASED)
    skip = Skip.objects.create(case=case, reader=reader, reason=reason)
    emit_lapsed(case, lapsed)
    if held:
        before, after = {"claimed_by": str(reader.pk)}, {"claimed_by": None}
        emit(Act.CASE_RELEASED, case, actor=reader, site=case.site, before=before, after=after)
    emit(
        Act.CASE_SKIPPED,
        skip,
        actor=reader,
        site=case.site,
        before={},
        after={"skipped_by": str(reader.pk)},
        private=["reason"] if reason else [],
        case=str(case.pk),
    )
    return skip


def _checked_reason(text: str) -> str:
    reason = as_read(text)
    refuse_nul(reason)
    if len(reason) > LONGEST_REASON:
        message = _("The reason has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("reason_too_long", message % {"given": len(reason), "most": LONGEST_REASON})
    return reason
