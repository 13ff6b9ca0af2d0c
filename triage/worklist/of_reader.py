"""Conditions on a case that depend on who asks: what they may take now, what they hold, what they read."""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.access import held_sites
from accounts.models import User
from accounts.roles import SIGNS_REVIEWS
from triage.models import Reading, Review
from triage.states import CaseState
from triage.worklist.days import beginning_of


def _live_claims() -> Exists:
    return Exists(Reading.objects.going_on().filter(case=OuterRef("pk"), claimed_until__gt=Now()))


def free_for(reader: User) -> Q:
    """Of open cases, those that ``reader`` may sign now: not their own, and held by nobody."""
    signs_at = held_sites(reader, SIGNS_REVIEWS)
    return ~Q(sender=reader) & ~Q(_live_claims()) & Q(site__in=signs_at)


def held_by(reader: User) -> Q:
    """Cases whose claim ``reader`` holds. Few: they are found from the readings."""
    own = Reading.objects.going_on().filter(reader=reader, claimed_until__gt=Now())
    return Q(pk__in=own.values("case"))


def read_today_by(reader: User) -> Q:
    """Cases that ``reader`` signed and that closed today, by their own calendar."""
    today = beginning_of(timezone.localdate())
    signed = Review.objects.filter(case=OuterRef("pk"), reader=reader)
    return Q(state=CaseState.REVIEWED, closed_at__gte=today) & Q(Exists(signed))
