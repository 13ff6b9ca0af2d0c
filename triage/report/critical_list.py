"""Which critical results a person sees, and which of them wait for that person."""

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.roles import Role
from triage.models import CriticalResult
from triage.models.call_back import Owner
from triage.models.critical_result import CriticalResultQuerySet
from triage.report.critical_results import signers_of
from triage.report.held_roles import HeldRoles
from triage.report.past import PastPage, past_page

MOST_LISTED = 100


def critical_waiting_for(user: User) -> CriticalResultQuerySet:
    """Results that wait for ``user``: as the sender, or as one of a role that was notified by now."""
    return critical_of(HeldRoles.of(user))


def critical_of(held: HeldRoles) -> CriticalResultQuerySet:
    """As ``critical_waiting_for``, where the roles were asked for. Nobody acknowledges what they signed."""
    clinician_at, reviewer_at = held.sites_as(Role.CLINICIAN), held.sites_as(Role.REVIEWER)
    # Looked up for each that waits: they are few, and a person's own opinions are a history.
    own = signers_of(OuterRef("case")).filter(reader=held.user)
    return CriticalResult.objects.waiting().filter(
        ~Exists(own),
        Q(notified_roles__contains=[Owner.SENDER], case__sender=held.user)
        | Q(notified_roles__contains=[Owner.CLINICIAN], site__in=clinician_at)
        | Q(notified_roles__contains=[Owner.REVIEWER], site__in=reviewer_at),
        site__in=held.sites,
    )


def acknowledged_results(user: User, cursor: str | None) -> PastPage[CriticalResult]:
    """The last that somebody took note of, with what a list shows. Raises Refused for a damaged cursor."""
    rows = with_details(CriticalResult.objects.visible_to(user)).prefetch_related("notices__person")
    return past_page(rows, "acknowledged_at", user, cursor)


def with_details(rows: CriticalResultQuerySet) -> CriticalResultQuerySet:
    """Loads what a list and a page show beside the row."""
    return rows.select_related(
        "case", "case__sender", "site", "review", "review__reader", "acknowledged_by"
    ).prefetch_related("case__images")
