"""A signed opinion that differs from the interim one opens a call-back, in the same transaction.

It stands here and not in ``report``, since a signature may not be stored without what follows from it, and
no import leads up. What becomes of an open call-back is the business of ``triage.report.call_backs``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.db.models.functions import Least, Now

from accounts.acts import Act
from accounts.services.events import emit
from triage.models import CallBack, Case, InterimOpinion, Review
from triage.models.call_back import CallBackReason, Owner
from triage.review.acting import who_acts
from triage.review.call_back_table import Rule, call_back_table
from triage.review.differences import Signed, Thought, difference
from triage.review.interim import newest_of
from triage.review.waking import send_notices_on_commit


@dataclass(frozen=True)
class Opened:
    """What ``call_back_for`` did. Its caller calls ``emit`` once all its own rows are written."""

    call_back: CallBack | None = None
    act: Act = Act.CALL_BACK_OPENED
    before: Mapping[str, Any] | None = None

    def emit(self) -> None:
        """Emits what changed, as the system's act: the reader signed, and the site's table did the rest.

        A worker is woken after the commit, which tells whoever must act.
        """
        if self.call_back is None:
            return
        emit(
            self.act,
            self.call_back,
            actor=None,
            site=self.call_back.site,
            before=self.before or {},
            after=_facts_of(self.call_back),
            private=["reason"],
            case=str(self.call_back.case_id),
        )
        send_notices_on_commit()


def call_back_for(case: Case, review: Review, corrected: Review | None = None) -> Opened:
    """Opens a call-back if ``review`` differs from the interim opinion in a way that matters at the site.

    The case is locked. A correction opens one only for what the corrected opinion did not say. While one is
    open, the correction takes the place of its opinion, and its difference that of the difference; it never
    makes it due later. If the correction no longer differs, it stays open: somebody may have called by then,
    so a person closes it, who has read the correction. If one was closed already, a correction that no longer
    differs opens another: the patient has heard what nobody says any more.
    """
    interim = newest_of(case)
    if interim is None:
        return Opened()
    thought = Thought.of(interim)
    reason = difference(thought, Signed.of(review))
    if corrected is not None:
        if running := _running(case):
            return _changed(running, review, _due(case, reason))
        reason = _new_to(case, difference(thought, Signed.of(corrected)), reason)
    due = _due(case, reason)
    return Opened(_open(case, review, interim, *due)) if due else Opened()


def _new_to(
    case: Case, before: CallBackReason | None, now: CallBackReason | None
) -> CallBackReason | None:
    """What a correction says that the corrected opinion did not. All call-backs of the case are closed."""
    if now == before:
        return None
    if now is None and CallBack.objects.filter(case=case).exists():
        return CallBackReason.CHANGED_SINCE
    return now


def _due(case: Case, reason: CallBackReason | None) -> tuple[CallBackReason, Rule] | None:
    """The difference with the site's rule for it. None where there is none, or it doesn't matter there."""
    rule = call_back_table(case.site_id)[reason] if reason else None
    return (reason, rule) if reason and rule and rule.is_on else None


def _running(case: Case) -> CallBack | None:
    """The open one, locked. Before a case's last signature there is none to look for."""
    return CallBack.objects.going_on().select_for_update(no_key=True).filter(case=case).first()


def _open(
    case: Case, review: Review, interim: InterimOpinion, reason: CallBackReason, rule: Rule
) -> CallBack:
    call_back = CallBack.objects.create(
        case=case,
        site_id=case.site_id,
        review=review,
        interim=interim,
        reason=reason,
        act_by=Now() + rule.wait,
        **_owner_of(case, rule),
    )
    call_back.refresh_from_db(fields=["opened_at", "act_by"])
    return call_back


def _changed(running: CallBack, review: Review, due: tuple[CallBackReason, Rule] | None) -> Opened:
    before = _facts_of(running)
    running.review, running.next_at = review, Now()
    if due:
        running.reason, rule = due
        running.act_by = Least(F("act_by"), Now() + rule.wait)
    running.save(update_fields=["review", "reason", "act_by", "next_at"])
    running.refresh_from_db(fields=["act_by", "next_at"])
    return Opened(running, Act.CALL_BACK_CHANGED, before)


def _owner_of(case: Case, rule: Rule) -> dict[str, Any]:
    role = who_acts(case, rule.owner)
    return {"owner_id": case.sender_id} if role == Owner.SENDER else {"owner_role": role}


def _facts_of(call_back: CallBack) -> dict[str, Any]:
    """What an event says of it: ids and times, never the difference."""
    return {
        "review": str(call_back.review_id),
        "owner": str(call_back.owner_id or call_back.owner_role),
        "act_by": call_back.act_by,
    }
