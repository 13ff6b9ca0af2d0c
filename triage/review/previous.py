"""Previous: the cases that a reader signed last, to look at again or to correct."""

from uuid import UUID

from accounts.access import held_sites
from accounts.models import User
from triage.models import Review

LAST = 20  # cases: what somebody may remember of this morning


def last_signed(reader: User) -> list[Review]:
    """The first review of each case that the reader signed last and still sees, the newest first."""
    # The sites as a subquery: the page of the worklist asks this too.
    own = Review.objects.filter(reader=reader, supersedes=None, case__site__in=held_sites(reader))
    return list(own.select_related("case").order_by("-id")[:LAST])


def previous_of(reader: User, case_id: UUID | None = None) -> UUID | None:
    """The case that they signed before this one, or last if this is none of theirs. None at the end."""
    ids = [review.case_id for review in last_signed(reader)]
    older = ids[ids.index(case_id) + 1 :] if case_id in ids else ids
    return older[0] if older else None
