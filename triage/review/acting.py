"""Who must act for a case: its sender, while that is a person of the site, or everybody of a role."""

from accounts.access import roles_at
from accounts.models import User
from accounts.roles import READS_CASES
from triage.models import Case
from triage.models.call_back import Owner


def acting_sender(case: Case) -> User | None:
    """The sender; None for a program, and for somebody who has left: they can call nobody."""
    sender = User.objects.get(pk=case.sender_id)
    if sender.is_service or not sender.is_active:
        return None
    return None if roles_at(sender, case.site_id).isdisjoint(READS_CASES) else sender


def who_acts(case: Case, role: str) -> str:
    """``role``, or the clinicians of the site in the place of a sender who can't act."""
    if role == Owner.SENDER and acting_sender(case) is None:
        return Owner.CLINICIAN.value
    return str(role)
