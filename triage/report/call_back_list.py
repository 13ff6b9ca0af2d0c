"""Which call-backs a person sees, and which of them wait for that person."""

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Membership, User
from accounts.roles import READS_CASES, Role
from triage.models import CallBack
from triage.models.call_back import CallBackQuerySet

MOST_LISTED = 100  # rows of a page; what is due first comes first
MOST_COUNTED = 1000


def call_backs_waiting_for(user: User) -> CallBackQuerySet:
    """Open call-backs that ``user`` must act on: their own, those of a role they hold, and late ones.

    A late one is every clinician's of the site, whoever owns it: the patient still doesn't know.
    """
    held = Membership.objects.current().filter(user=user).holding(READS_CASES)
    roles = dict(held.values_list("site_id", "roles"))
    clinician_at, reviewer_at = (
        [site_id for site_id, at_site in roles.items() if role in at_site]
        for role in (Role.CLINICIAN, Role.REVIEWER)
    )
    return CallBack.objects.going_on().filter(
        Q(owner=user)
        | Q(owner_role=Role.CLINICIAN, site__in=clinician_at)
        | Q(owner_role=Role.REVIEWER, site__in=reviewer_at)
        | Q(act_by__lt=Now(), site__in=clinician_at),
        site__in=list(roles),
    )


def count_waiting_for(user: User) -> int:
    """How many wait for ``user``; more than MOST_COUNTED are not counted."""
    return call_backs_waiting_for(user)[: MOST_COUNTED + 1].count()


def open_call_backs(user: User) -> CallBackQuerySet:
    """All open ones of the person's sites."""
    return CallBack.objects.visible_to(user).going_on()


def closed_call_backs(user: User) -> CallBackQuerySet:
    return CallBack.objects.visible_to(user).filter(closed_at__isnull=False)


def with_details(rows: CallBackQuerySet) -> CallBackQuerySet:
    """Loads what a list and a page show beside the row."""
    return rows.select_related(
        "case", "case__sender", "site", "owner", "closed_by", "interim__author"
    )
