"""What a view asks, as conditions that the indexes of cases serve."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from triage.disclosure import Sortable
from triage.models.case_rules import CLOSED_LATE, OPEN, SOON_CLOSED, THIRD
from triage.states import CLOSED_STATES, CaseState
from triage.vocabulary import SUSPECTED, Priority
from triage.worklist.days import beginning_of, end_of
from triage.worklist.filter_types import Values
from triage.worklist.filters import BY_NAME
from triage.worklist.of_reader import free_for, read_today_by, waiting_signed_today_by
from triage.worklist.orders import DIVIDED, SERVED, SERVED_OF_CLOSED

CLOCKS_APART = timedelta(days=1)  # how far web server and database may disagree on the time


def is_of_closed(filters: Mapping[str, Values]) -> bool:
    """Whether closed cases are asked for."""
    return any(state in CLOSED_STATES for state in filters.get("state", ()))


@dataclass(frozen=True)
class Asked:
    """A view without its place and its sites, for one person.

    Args:
        filters: values of the active filters, by name.
        held: the condition of the filter "claimed by me".
    """

    user: User
    sortable: Sortable
    sort: str
    filters: Mapping[str, Values]
    held: Q

    def branches(self) -> tuple[list[Q], Q]:
        """Branches and what else must hold, as a ``Listing`` takes them. No branch: nothing is found."""
        return self._of_closed() if is_of_closed(self.filters) else self._of_open()

    def _of_open(self) -> tuple[list[Q], Q]:
        if self.filters.get("read_today"):
            return self._signed_today()
        branches, passes = self._of_all_open()
        return branches, passes & free_for(self.user) if self.filters.get("free") else passes

    def _signed_today(self) -> tuple[list[Q], Q]:
        """What was read is closed, or waits for a third reader where that is asked for."""
        if CaseState.THIRD not in self.filters.get("state", ()) or self.filters.get("free"):
            return [], Q()
        third = replace(self, filters={**self.filters, "state": (CaseState.THIRD,)})
        branches, passes = third._of_all_open()
        return branches, passes & waiting_signed_today_by(self.user)

    def _of_all_open(self) -> tuple[list[Q], Q]:
        if self.filters.get("mine"):
            return self._branched([(OPEN | THIRD) & self.held], ())
        divided, values = DIVIDED.get(self.sort, ("", ()))
        if divided and divided not in self._narrowed():
            every = replace(self, filters={**self.filters, divided: values})
            return every._branched(self._unsigned, SERVED[self.sort])
        if self.sortable.is_by_model or self.sort == "waiting":
            return self._branched(self._unsigned, SERVED[self.sort])
        # One index serves the orders by the priority's deadline, one priority after another.
        every = replace(self, filters={**self.filters, "priority": tuple(Priority.values)})
        asked = self if self.filters.get("priority") else every
        return asked._branched(self._unsigned, ("priority",))

    @property
    def _unsigned(self) -> list[Q]:
        """Cases that wait for a third reader are listed where they are asked for by name."""
        asked = set(self.filters.get("state", ()))
        if CaseState.THIRD not in asked:
            return [OPEN]
        return [THIRD] if asked == {CaseState.THIRD} else [OPEN, THIRD]

    def _of_closed(self) -> tuple[list[Q], Q]:
        filters = self.filters
        if filters.get("mine") or filters.get("free"):  # signing and withdrawing end a claim
            return [], Q()
        by_state = [Q(state=state) for state in filters["state"]]
        branches, passes = self._branched(by_state, SERVED_OF_CLOSED)
        if filters.get("read_today"):
            today = Q(closed_at__gte=beginning_of(timezone.localdate()))
            branches = [branch & today for branch in branches]
            passes &= read_today_by(self.user)
        if first_day := filters.get("from"):
            # A case closes after it came: what closed earlier needn't be looked at.
            since = beginning_of(first_day[0]) - CLOCKS_APART
            branches = [branch & Q(closed_at__gte=since) for branch in branches]
        if last_day := filters.get("to"):
            # The scan begins soon after the last day, not today. A case that closed later can only have come
            # before if it stayed open for long.
            until = end_of(last_day[0]) + SOON_CLOSED
            ways = (Q(closed_at__lt=until), Q(closed_at__gte=until) & CLOSED_LATE)
            branches = [branch & way for branch in branches for way in ways]
        return branches, passes

    def _branched(self, branches: list[Q], served: Collection[str]) -> tuple[list[Q], Q]:
        """A branch for each value of one filter that has an index; each row is tested by the others."""
        asked = self._narrowed()
        divides = next((name for name in served if name in asked), None)
        passes = Q()
        for name, values in asked.items():
            column = BY_NAME[name].column(self.sortable)
            if not column or (name == "state" and is_of_closed(self.filters)):
                continue  # closed states are branches already
            if name == divides:
                branches = [
                    branch & Q(**{column: value}) for branch in branches for value in values
                ]
            else:
                passes &= BY_NAME[name].type.where(column, values)
        return branches, passes

    def _narrowed(self) -> dict[str, Values]:
        """The active filters, without a confidence that is not shown."""
        asked = dict(self.filters)
        if "confidence_min" in asked or "confidence_max" in asked:
            asked.setdefault("call", SUSPECTED)
        return asked
