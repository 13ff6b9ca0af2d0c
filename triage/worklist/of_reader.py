"""Conditions on a case that depend on who asks: what they may take now, what they hold, what they read."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.db.models.lookups import IsNull
from django.utils import timezone

from accounts.access import held_sites
from accounts.models import User
from accounts.roles import SIGNS_REVIEWS
from triage.models import InterimOpinion, Reading, Review, Skip
from triage.models.case_rules import THIRD
from triage.states import CaseState
from triage.vocabulary import Stage
from triage.worklist.days import beginning_of

# A shift: who passed a case over leaves it to a colleague of the same day. It stays in the usual list, where
# anybody opens it, and the next day Next offers it again: what everybody skips is not forgotten.
LEFT_OUT = timedelta(hours=12)


def free_for(reader: User) -> Q:
    """Of open cases, those that Next offers ``reader``: one rule for Next, its list and that list's count.

    Not their own, held by nobody, and not skipped lately. The interim opinion that counts is not theirs. A
    third reader has not read the case before.
    """
    of_case = {"case": OuterRef("pk")}
    held = Reading.objects.live().filter(**of_case)
    read = Review.objects.filter(**of_case, reader=reader)
    skipped = Skip.objects.filter(**of_case, reader=reader, skipped_at__gt=Now() - LEFT_OUT)
    thought = InterimOpinion.objects.newest().filter(**of_case, author=reader)
    taken = Q(Exists(held)) | _found(skipped) | Q(Exists(thought)) | (THIRD & _found(read))
    return ~Q(sender=reader) & ~taken & Q(site__in=held_sites(reader, SIGNS_REVIEWS))


def held_by(reader: User) -> Q:
    """Cases whose claim ``reader`` holds. Few: they are found from the readings."""
    return Q(pk__in=ids_held_by(reader))


def ids_held_by(reader: User) -> QuerySet[Reading, UUID]:
    """Ids of the cases whose claim ``reader`` holds."""
    return Reading.objects.held_by(reader).values_list("case_id", flat=True)


def read_today_by(reader: User) -> Q:
    """Cases that ``reader`` signed and that closed today, by their own calendar.

    Not those of which they have locked a first reading only: another reader has signed them.
    """
    today = beginning_of(timezone.localdate())
    signed = Review.objects.filter(case=OuterRef("pk"), reader=reader).exclude(stage=Stage.FIRST)
    return Q(state=CaseState.REVIEWED, closed_at__gte=today) & _found(signed)


def waiting_signed_today_by(reader: User) -> Q:
    """Cases that ``reader`` signed today and that wait for a third reader: they closed for nobody yet."""
    signed = Review.objects.filter(case=OuterRef("pk"), reader=reader).exclude(stage=Stage.FIRST)
    return THIRD & _found(signed.filter(signed_at__gte=beginning_of(timezone.localdate())))


def _found(of_case: QuerySet) -> Q:
    """As ``Exists``, but looked up for each case by an index.

    An EXISTS PostgreSQL may turn into a join with all that the reader has ever signed or skipped.
    """
    return Q(IsNull(Subquery(of_case.order_by().values("pk")[:1]), False))
