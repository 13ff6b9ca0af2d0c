"""Previous: the cases that a reader signed last, to look at again or to correct."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.access import held_sites
from accounts.models import User
from triage.models import Review
from triage.vocabulary import Stage

LAST = 20  # cases: what somebody may remember of this morning


def last_signed(reader: User) -> QuerySet[Review]:
    """What the reader signed on each case that they signed last and still see, uncorrected, the newest first.

    A first reading is locked and not signed: the final opinion on its case is here.
    """
    # The sites as a subquery: the page of the worklist asks this too.
    own = Review.objects.filter(reader=reader, supersedes=None, case__site__in=held_sites(reader))
    return own.exclude(stage=Stage.FIRST).order_by("-id")[:LAST]


def previous_of(reader: User, case_id: UUID | None = None) -> UUID | None:
    """The case that they signed before this one, or last if this is none of theirs. None at the end."""
    ids = list(last_signed(reader).values_list("case_id", flat=True))
    older = ids[ids.index(case_id) + 1 :] if case_id in ids else ids
    return older[0] if older else None
