"""Which call-backs a person sees, and which of them wait for that person."""

from django.db.models import Count, Max, Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.roles import Role
from triage.models import CallBack
from triage.models.call_back import CallBackQuerySet
from triage.report.held_roles import HeldRoles
from triage.report.past import PastPage, past_page

MOST_LISTED = 100  # open ones of a page; what is due first comes first


def call_backs_waiting_for(user: User) -> CallBackQuerySet:
    """Open call-backs that ``user`` must act on: their own, those of a role they hold, and late ones.

    A late one is every clinician's of the site, whoever owns it: the patient still doesn't know.
    """
    return call_backs_of(HeldRoles.of(user))


def call_backs_of(held: HeldRoles) -> CallBackQuerySet:
    """As ``call_backs_waiting_for``, where the roles were asked for."""
    clinician_at, reviewer_at = held.sites_as(Role.CLINICIAN), held.sites_as(Role.REVIEWER)
    return CallBack.objects.going_on().filter(
        Q(owner=held.user)
        | Q(owner_role=Role.CLINICIAN, site__in=clinician_at)
        | Q(owner_role=Role.REVIEWER, site__in=reviewer_at)
        | Q(act_by__lt=Now(), site__in=clinician_at),
        site__in=held.sites,
    )


def open_call_backs(user: User) -> CallBackQuerySet:
    """All open ones of the person's sites."""
    return CallBack.objects.visible_to(user).going_on()


def closed_call_backs(user: User, cursor: str | None) -> PastPage[CallBack]:
    """The last that were closed, with what a list shows. Raises Refused where the cursor is damaged."""
    rows = counted(CallBack.objects.visible_to(user)).prefetch_related(
        "attempts__made_by", "notices__person"
    )
    return past_page(rows, "closed_at", user, cursor)


def counted(rows: CallBackQuerySet) -> CallBackQuerySet:
    """``with_details``, the number of attempts and the time of the last one."""
    return with_details(rows).annotate(
        attempt_count=Count("attempts"), last_attempt_at=Max("attempts__made_at")
    )


def with_details(rows: CallBackQuerySet) -> CallBackQuerySet:
    """Loads what a list and a page show beside the row."""
    return rows.select_related(
        "case", "case__sender", "site", "owner", "closed_by", "interim__author", "review"
    ).prefetch_related("case__images")
