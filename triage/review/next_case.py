"""Next: the most urgent case of a view that this reader may sign and nobody holds, claimed for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import F, Func, Q, QuerySet, UUIDField, Value

from accounts.access import sites_where
from accounts.models import User
from accounts.refusals import Refused
from accounts.roles import SIGNS_REVIEWS
from triage.disclosure import Disclosure, Sortable, disclosure_for
from triage.models import Case, Reading
from triage.models.case_rules import OPEN, THIRD
from triage.review.claim_limit import lock_claims_of, require_room
from triage.review.claims import Claimed, claim_locked_case, lock_readings
from triage.review.refusals import no_signing_role
from triage.worklist.keyset import Cursor
from triage.worklist.of_reader import free_for
from triage.worklist.paging import Listing, in_order
from triage.worklist.query import WorklistQuery

# Cases looked at together. First: more than readers who press Next in the same millisecond. Further: all of
# the first ones are locked, which is rare.
FIRST, FURTHER = 20, 200
AHEAD = 2  # cases whose pictures a page fetches: if a colleague takes one, the other is there


class NothingLeft(Exception):
    """The view has no case that this reader could take. Not an error: they are done."""


@transaction.atomic
def take_next(*, reader: User, query: WorklistQuery, besides: UUID | None = None) -> Reading:
    """Claims the most urgent case of the view that the reader may sign and nobody holds.

    1. Lock the number of the reader's claims and refuse one too many.
    2. Look for the first cases of the view that are free, in the order that this reader may see.
    3. In one statement, lock the first of them that nobody else locks now. Of two readers at once each gets
       another case, and neither waits.
    4. Claim it, which ends a claim that ran out. If somebody took it between the look and the lock, go on.
    5. Emit the events.

    The cursor of ``query`` doesn't count: the first of the view is taken, on whatever page the reader was. In
    the view "claimed by me" nothing is free: there the next one is a case that they hold.

    Args:
        besides: a case that they look at now and don't want again.

    Raises:
        NothingLeft: there is no such case.
        Conflict: they hold as many cases as one may.
        NotPermitted: they sign at no site.
        Refused: the view is sorted or filtered by what is hidden from them.
    """
    own = bool(query.values("mine"))
    lock_claims_of(reader)
    if not own:
        require_room(reader)
    free = _free_for(reader, own=own, besides=besides)
    listing = _free_cases(query, reader, disclosure_for(reader).sortable, free)
    try:
        claimed = _Taking(reader, listing, free).take()
    except NothingLeft:
        if not sites_where(reader, SIGNS_REVIEWS):
            raise no_signing_role() from None
        raise
    claimed.emit()
    return claimed.reading


def candidates(
    reader: User, query: WorklistQuery, disclosure: Disclosure, besides: UUID | None = None
) -> list[Case]:
    """The cases that Next would take now, as many as a page fetches ahead. None of them is claimed.

    Looks past the cases that others hold, as Next does, but no further than at ``FURTHER`` of each site.
    """
    free = _free_for(reader, own=bool(query.values("mine")), besides=besides)
    listing = _free_cases(query, reader, disclosure.sortable, free)
    keys, _stopped_at = listing.keys(listing.order, None, AHEAD, scanned=FURTHER)
    at = [key.field for key in listing.order].index("id")
    return in_order(key[at] for key in keys)


def _free_cases(query: WorklistQuery, reader: User, sortable: Sortable, free: Q) -> Listing:
    listing = replace(query, cursor=None).listing(reader, sortable, SIGNS_REVIEWS)
    return replace(listing, passes=listing.passes & free)


def _free_for(reader: User, *, own: bool, besides: UUID | None) -> Q:
    """What Next may take. ``own``: of the cases that ``reader`` holds, which their view has found already."""
    free = Q() if own else free_for(reader)
    return free if besides is None else free & ~Q(pk=besides)


@dataclass
class _Taking:
    """One try to take a case. ``refused``: cases that were lost between the look and the lock."""

    reader: User
    listing: Listing
    free: Q
    refused: set[UUID] = field(default_factory=set)

    def take(self) -> Claimed:
        """Claims the first case that can be had. Raises NothingLeft.

        If every free case is locked, the first is waited for: a worker that writes its prediction holds it
        for a moment, and that must not read as "no more cases". Each turn claims a case or refuses one for
        good, so it ends.
        """
        while True:
            locked: list[UUID] = []
            for ids in self._looked_at():
                claimed = self._claim_one_of(ids, wait=False)
                if claimed is not None:
                    return claimed
                locked += [case_id for case_id in ids if case_id not in self.refused]
            if not locked:
                raise NothingLeft
            claimed = self._claim_one_of(locked[:1], wait=True)
            if claimed is not None:
                return claimed
            self.refused.add(locked[0])

    def _looked_at(self) -> Iterator[list[UUID]]:
        """Ids of free cases in the view's order, some at a time."""
        listing, cursor, size = self.listing, None, FIRST
        at = [key.field for key in listing.order].index("id")
        while True:
            keys, stopped_at = listing.keys(listing.order, cursor, size)
            yield [key[at] for key in keys if key[at] not in self.refused]
            last = stopped_at or (keys[-1] if len(keys) == size else None)
            if last is None:
                return
            cursor, size = Cursor(last), FURTHER

    def _claim_one_of(self, ids: Sequence[UUID], *, wait: bool) -> Claimed | None:
        """Locks and claims the first of ``ids`` that can be had; None if none can."""
        while left := [case_id for case_id in ids if case_id not in self.refused]:
            with transaction.atomic():
                case = self._first_of(left, wait).first()
                if case is None:
                    return None
                lock_readings([case])
                try:
                    return claim_locked_case(case, self.reader)
                except Refused:  # lost: the lock goes back with the savepoint
                    self.refused.add(case.pk)
                    transaction.set_rollback(True)
        return None

    def _first_of(self, ids: Sequence[UUID], wait: bool) -> QuerySet[Case]:
        place = Func(Value(list(ids), ArrayField(UUIDField())), F("pk"), function="array_position")
        rows = Case.objects.filter(OPEN | THIRD, self.free, pk__in=ids).select_related("site")
        rows = rows.select_for_update(of=("self",), no_key=True, skip_locked=not wait)
        return rows.order_by(place)
