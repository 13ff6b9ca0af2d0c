"""What a person may do with a case now, and why not: one answer for services, pages and REST.

Services ask again under the case's lock; pages and REST offer what they would allow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import roles_at
from accounts.models import User
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import MANAGES_SITE, READS_CASES, SIGNS_REVIEWS
from triage.models import Case, InterimOpinion, Release, Review
from triage.review.refusals import no_signing_role, refusal_of_closed, refusal_of_replaced
from triage.review.stages import first_reading_of, refusal_without_first_reading
from triage.states import CaseState

# An open page renews its claim each fifth of the lease while its reader works.
IDLE_SHARE = 0.4


class Action(StrEnum):
    """``sign`` and ``lock_first_reading`` include claiming the case on the way. ``give_back``: to end one's
    own claim.

    ``take_over``: to claim what another holds and has left idle. ``end_claim``: a lead's, at once.
    ``change_priority``: a lead's too, whoever holds the case.
    """

    CLAIM = "claim"
    LOCK_FIRST = "lock_first_reading"
    SIGN = "sign"
    GIVE_BACK = "release"  # the value of REST v1, so it stays
    WITHDRAW = "withdraw"
    RETRY = "retry"
    TAKE_OVER = "take_over"
    END_CLAIM = "end_claim"
    CHANGE_PRIORITY = "change_priority"


@dataclass(frozen=True)
class Actions:
    """What ``user`` may do with ``case``, who sees it. Roles are asked for once, and only if they matter."""

    case: Case
    user: User

    def refusal(self, action: Action) -> Refused | None:
        """Why not, or None where they may."""
        return _RULES[action](self)

    def allows(self, action: Action) -> bool:
        return self.refusal(action) is None

    def require(self, action: Action) -> None:
        """Raises the refusal, if there is one."""
        refusal = self.refusal(action)
        if refusal is not None:
            raise refusal

    @property
    def signs(self) -> bool:
        return not self._roles.isdisjoint(SIGNS_REVIEWS)

    @property
    def reads(self) -> bool:
        return not self._roles.isdisjoint(READS_CASES)

    @cached_property
    def _roles(self) -> frozenset[str]:
        return roles_at(self.user, self.case.site_id)

    @property
    def may_end(self) -> bool:
        """Whether they are somebody who may take the case out of the worklist."""
        return self.case.sender_id == self.user.pk or self.signs

    @property
    def leads(self) -> bool:
        """A lead of the site: who manages it and signs there, so that they see what they decide on."""
        return self.signs and not self._roles.isdisjoint(MANAGES_SITE)

    @property
    def idle_at(self) -> datetime | None:
        """When a claim that nobody renews counts as idle: two renewals of an open page were left out."""
        if self.case.claimed_until is None:
            return None
        lease = timedelta(seconds=settings.CALLUS_CLAIM_SECONDS)
        return self.case.claimed_until - lease + IDLE_SHARE * lease

    @property
    def claimed_by_another(self) -> Refused | None:
        if not self.case.claim_is_live or self.case.is_claimed_by(self.user):
            return None
        until = timezone.localtime(self.case.claimed_until).strftime("%H:%M")
        text = _("%(name)s is reading this case until %(time)s.")
        return Conflict("claimed_by_another", text % {"name": self.case.claimed_by, "time": until})


def _not_received(actions: Actions) -> Refused | None:
    if actions.case.is_received:
        return None
    state = actions.case.get_state_display()
    return Conflict("not_received", _("This case was not received: %(state)s.") % {"state": state})


def _claim(actions: Actions) -> Refused | None:
    return _read(actions) or actions.claimed_by_another


def _take_over(actions: Actions) -> Refused | None:
    if refusal := _read(actions) or _not_held_by_another(actions):
        return refusal
    if actions.idle_at is None or actions.idle_at <= timezone.now():
        return None
    text = _("%(name)s works on this case. If they do nothing, you can take it over at %(time)s.")
    when = timezone.localtime(actions.idle_at).strftime("%H:%M")
    return Conflict("claim_not_idle", text % {"name": actions.case.claimed_by, "time": when})


def _end_claim(actions: Actions) -> Refused | None:
    if refusal := _not_received(actions):
        return refusal
    if not actions.leads:
        text = _("Only a lead ends another's claim: who manages the site and gives opinions there.")
        return NotPermitted("not_a_lead", text)
    return _not_held_by_another(actions)


def _change_priority(actions: Actions) -> Refused | None:
    if refusal := _not_received(actions):
        return refusal
    if not actions.leads:
        text = _("Only a lead changes priorities: who manages the site and gives opinions there.")
        return NotPermitted("not_a_lead", text)
    if actions.case.is_sealed and first_reading_of(actions.case, actions.user):
        # What one reader knows moves no case in anybody's list.
        text = _(
            "You have seen what the model says, and others read this case blind. Ask another lead."
        )
        return NotPermitted("has_seen_output", text)
    return refusal_of_replaced(actions.case) or refusal_of_closed(actions.case)


def _not_held_by_another(actions: Actions) -> Refused | None:
    if actions.claimed_by_another:
        return None
    return Conflict("not_held_by_another", _("Nobody else holds this case."))


def _read(actions: Actions) -> Refused | None:
    """Why they may not read the case, whoever holds it."""
    if refusal := _not_received(actions):
        return refusal
    if refusal := refusal_of_person(actions) or refusal_of_replaced(actions.case):
        return refusal
    # Not a matter of the person: somebody's newer one counts then, and a draft of theirs is kept meanwhile.
    if actions.case.is_open and InterimOpinion.objects.counts_of(actions.user, actions.case):
        text = _("You recorded what the clinic thinks, so somebody else gives the second opinion.")
        return NotPermitted("own_interim", text)
    return refusal_of_closed(actions.case)


def _sign(actions: Actions) -> Refused | None:
    return _claim(actions) or refusal_without_first_reading(actions.case, actions.user)


def _lock_first(actions: Actions) -> Refused | None:
    if refusal := _claim(actions):
        return refusal
    if not actions.case.is_sealed:
        return Conflict("not_blind", _("This case is not read blind: sign your opinion."))
    if first_reading_of(actions.case, actions.user):
        text = _(
            "You have locked a first reading of this case. It stays as it is: sign the final opinion."
        )
        return Conflict("first_reading_locked", text)
    return None


def refusal_of_person(actions: Actions) -> NotPermitted | None:
    """Why this person gives no second opinion on the case, whoever holds it and whether it is open."""
    if not actions.signs:
        return no_signing_role()
    is_third = actions.case.state == CaseState.THIRD
    if actions.case.sender_id == actions.user.pk:
        text = _("You sent this case, so somebody else gives the second opinion.")
        third = _("You sent this case, so somebody else is the third reader.")
        return NotPermitted("own_case", third if is_third else text)
    if is_third and Review.objects.filter(case=actions.case, reader=actions.user).exists():
        return NotPermitted(
            "own_reading",
            _("You have read this case already, so somebody else is the third reader."),
        )
    return None


def _give_back(actions: Actions) -> Refused | None:
    if actions.case.is_claimed_by(actions.user):
        return None
    return Conflict("not_your_claim", _("You don't hold this case any more."))


def _withdraw(actions: Actions) -> Refused | None:
    if refusal := _not_received(actions):
        return refusal
    if not actions.may_end:
        return NotPermitted("may_not_withdraw", _("Only the sender or a reader withdraws a case."))
    if actions.case.state == CaseState.THIRD:
        text = _("An opinion is signed and a third reader decides, so the case can't be withdrawn.")
        return Conflict("third_reading", text)
    if not actions.case.is_open:
        return Conflict("case_closed", _("This case is closed already."))
    if actions.claimed_by_another:
        text = _("%(name)s is reading this case. Ask them, or wait until they give it back.")
        return Conflict("claimed_by_another", text % {"name": actions.case.claimed_by})
    return None


def _retry(actions: Actions) -> Refused | None:
    if not actions.reads:
        return NotPermitted("not_a_member", _("You don't belong to this case's site."))
    if actions.case.state != CaseState.FAILED:
        return Conflict("not_failed", _("Only a case whose reading failed can be retried."))
    if not Release.objects.filter(is_active=True).exists():
        return Conflict(
            "no_release",
            _("No model release is in use. Ask an administrator to activate one, or read without."),
        )
    return None


_RULES: Mapping[Action, Callable[[Actions], Refused | None]] = {
    Action.CLAIM: _claim,  # nobody claims what they may not sign
    Action.LOCK_FIRST: _lock_first,
    Action.SIGN: _sign,
    Action.GIVE_BACK: _give_back,
    Action.WITHDRAW: _withdraw,
    Action.RETRY: _retry,
    Action.TAKE_OVER: _take_over,
    Action.END_CLAIM: _end_claim,
    Action.CHANGE_PRIORITY: _change_priority,
}
