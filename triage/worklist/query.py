"""A query of the worklist: visible cases, filtered, sorted, one keyset page at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import held_sites, sites_where
from accounts.models import Site, User
from accounts.refusals import Refused
from accounts.roles import READS_CASES, Role
from triage.disclosure import Sortable, disclosure_for
from triage.models import Case, Reading
from triage.models.case_rules import CLOSED_LATE, OPEN, SOON_CLOSED, THIRD
from triage.states import CLOSED_STATES, CaseState
from triage.vocabulary import SUSPECTED, Priority
from triage.worklist.days import beginning_of, end_of
from triage.worklist.filter_types import Values
from triage.worklist.filters import BY_NAME, FILTERS
from triage.worklist.keyset import Cursor, Order
from triage.worklist.of_reader import free_for, read_today_by
from triage.worklist.orders import (
    CLOSED_ORDER,
    DESCENDING,
    SERVED,
    SERVED_OF_CLOSED,
    SORTS,
    orders,
    turned,
)
from triage.worklist.paging import PAGE, CasePage, Listing
from triage.worklist.parameters import Parameters

CLOCKS_APART = timedelta(days=1)  # how far web server and database may disagree on the time


@dataclass(frozen=True)
class WorklistQuery:
    """Sort, filters and place of a worklist. ``from_params`` and ``params`` are each other's inverse.

    ``chosen``: name and value of each active filter, in the order of ``FILTERS``. The result depends on who
    asks: only ``page`` gives it.
    """

    sort: str = "deadline"
    descending: bool = False
    chosen: tuple[tuple[str, Values], ...] = ()
    cursor: str | None = None

    @classmethod
    def from_params(
        cls, params: QueryDict | Mapping[str, Any], *, without_sort_of_closed: bool = False
    ) -> Self:
        """Raises Refused, with a sentence, for an invalid value.

        Args:
            without_sort_of_closed: ignore ``sort`` and ``order`` if closed states are asked for. The
                form of the page sends the present sort along with a state.
        """
        given = Parameters(params)
        if without_sort_of_closed and set(given.many("state")) & set(CLOSED_STATES):
            given.forget("sort", "order")
        for row in FILTERS:
            given.rename(row.old_name, row.name)
        given.refuse_unknown({"sort", "order", "cursor", *BY_NAME})
        sort = (given.choices("sort", {name: name for name in SORTS}) or ("deadline",))[-1]
        order = given.choices("order", {"asc": False, "desc": True}) or (sort in DESCENDING,)
        read = ((row.name, row.type.from_url(given, row.name)) for row in FILTERS)
        query = cls(
            sort=sort,
            descending=order[-1],
            chosen=tuple((name, values) for name, values in read if values),
            cursor=given.one("cursor") or None,
        )
        if query.is_closed:
            mixed = not set(query.values("state")) <= set(CLOSED_STATES)
            given.refuse_sort_of_closed(mixed=mixed)
        if query.cursor:
            Cursor.decode(query.cursor, query._order(Sortable()), Case)
        return query

    def values(self, name: str) -> Values:
        """The value of the filter with this name; empty if it is not active."""
        return dict(self.chosen).get(name, ())

    @property
    def is_closed(self) -> bool:
        """Whether closed cases are asked for."""
        return any(state in CLOSED_STATES for state in self.values("state"))

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order narrows the list."""
        return bool(self.chosen)

    def params(self, **changes: Any) -> str:
        """This query as a query string with ``changes`` made; a changed query starts at the first page."""
        values = self._as_params()
        if changes:
            values.pop("cursor", None)
        for name, value in changes.items():
            values[name] = value
        cleaned = {name: value for name, value in values.items() if value not in (None, "", (), [])}
        return urlencode(cleaned, doseq=True)

    def _as_params(self) -> dict[str, Any]:
        natural = self.sort in DESCENDING
        return {
            "sort": None if self.sort == "deadline" else self.sort,
            "order": None if self.descending == natural else ("desc" if self.descending else "asc"),
            **{name: BY_NAME[name].type.to_url(values) for name, values in self.chosen},
            "cursor": self.cursor,
        }

    def refuse_hidden(self, sortable: Sortable) -> None:
        """Raises Refused where the view is sorted or filtered by what ``sortable`` leaves out.

        A place in such an order, and whether a case passes such a filter, would reveal what the row hides.
        """
        hidden = [name for name, _values in self.chosen if not BY_NAME[name].column(sortable)]
        if not self.is_closed and self.sort not in orders(sortable):
            hidden.insert(0, "sort")
        if hidden:
            hint = _(
                "The model's output is hidden from you, so no list can be sorted or filtered by it."
            )
            raise Refused("bad_filter", f"{hidden[0]}: {hint}")

    def page(self, user: User, size: int = PAGE, sortable: Sortable | None = None) -> CasePage:
        """The page at the cursor, as ``user`` may see it.

        Args:
            sortable: of the ``Disclosure`` that shows the rows; None asks the policy.

        Raises:
            Refused: a site that they don't belong to, or an order or filter that would reveal hidden output.
        """
        listing = self.listing(user, sortable or disclosure_for(user).sortable)
        cursor = Cursor.decode(self.cursor, listing.order, Case) if self.cursor else None
        return listing.page(cursor, size)

    def listing(
        self, user: User, sortable: Sortable, roles: Collection[Role] = READS_CASES
    ) -> Listing:
        """What ``user`` gets at the sites where they have one of ``roles``. Raises as ``page``."""
        self.refuse_hidden(sortable)
        branches, passes = (
            self._of_closed(user, sortable) if self.is_closed else self._of_open(user, sortable)
        )
        return Listing(self._sites(user, roles), self._order(sortable), branches, passes)

    def _order(self, sortable: Sortable) -> Order:
        if self.is_closed:
            return CLOSED_ORDER
        return turned(orders(sortable)[self.sort], descending=self.descending)

    def _of_open(self, user: User, sortable: Sortable) -> tuple[list[Q], Q]:
        if self.values("read_today"):  # what was read is closed
            return [], Q()
        branches, passes = self._of_all_open(user, sortable)
        return branches, passes & free_for(user) if self.values("free") else passes

    def _of_all_open(self, user: User, sortable: Sortable) -> tuple[list[Q], Q]:
        if self.values("mine"):
            # A reader holds few cases, so they are found first and sorted after.
            own = Reading.objects.going_on().filter(reader=user, claimed_until__gt=Now())
            ids = list(own.values_list("case_id", flat=True))
            return self._branched([(OPEN | THIRD) & Q(pk__in=ids)], (), sortable)
        if sortable.is_by_model or self.sort == "waiting":
            return self._branched(self._unsigned, SERVED[self.sort], sortable)
        # One index serves the orders by the priority's deadline, one priority after another.
        every = replace(self, chosen=(*self.chosen, ("priority", tuple(Priority.values))))
        query = self if self.values("priority") else every
        return query._branched(self._unsigned, ("priority",), sortable)

    @property
    def _unsigned(self) -> list[Q]:
        """Cases that wait for a third reader are listed where they are asked for by name."""
        asked = set(self.values("state"))
        if CaseState.THIRD not in asked:
            return [OPEN]
        return [THIRD] if asked == {CaseState.THIRD} else [OPEN, THIRD]

    def _of_closed(self, user: User, sortable: Sortable) -> tuple[list[Q], Q]:
        if self.values("mine") or self.values("free"):  # signing and withdrawing end a claim
            return [], Q()
        by_state = [Q(state=state) for state in self.values("state")]
        branches, passes = self._branched(by_state, SERVED_OF_CLOSED, sortable)
        if self.values("read_today"):
            today = Q(closed_at__gte=beginning_of(timezone.localdate()))
            branches = [branch & today for branch in branches]
            passes &= read_today_by(user)
        if first_day := self.values("from"):
            # A case closes after it came: what closed earlier needn't be looked at.
            since = beginning_of(first_day[0]) - CLOCKS_APART
            branches = [branch & Q(closed_at__gte=since) for branch in branches]
        if last_day := self.values("to"):
            # The scan begins soon after the last day, not today. A case that closed later can only have come
            # before if it stayed open for long.
            until = end_of(last_day[0]) + SOON_CLOSED
            ways = (Q(closed_at__lt=until), Q(closed_at__gte=until) & CLOSED_LATE)
            branches = [branch & way for branch in branches for way in ways]
        return branches, passes

    def _branched(
        self, branches: list[Q], served: Collection[str], sortable: Sortable
    ) -> tuple[list[Q], Q]:
        """A branch for each value of one filter that has an index; each row is tested by the others."""
        asked = self._asked()
        divides = next((name for name in served if name in asked), None)
        passes = Q()
        for name, values in asked.items():
            column = BY_NAME[name].column(sortable)
            if not column or (name == "state" and self.is_closed):
                continue  # closed states are branches already
            if name == divides:
                branches = [
                    branch & Q(**{column: value}) for branch in branches for value in values
                ]
            else:
                passes &= BY_NAME[name].type.where(column, values)
        return branches, passes

    def _asked(self) -> dict[str, Values]:
        """The active filters, without a confidence that is not shown."""
        asked = dict(self.chosen)
        if "confidence_min" in asked or "confidence_max" in asked:
            asked.setdefault("call", SUSPECTED)
        return asked

    def _sites(self, user: User, roles: Collection[Role]) -> QuerySet:
        """The reader's sites, narrowed by the filter. Another site is refused as if it didn't exist."""
        wanted = set(self.values("site"))
        if not wanted:
            return held_sites(user, roles)
        named = Site.objects.filter(pk__in=sites_where(user))
        chosen = [site.pk for site in named if site.slug in wanted or str(site.pk) in wanted]
        if not chosen:
            raise Refused("bad_filter", _("site: You don't belong to a site of this name."))
        return held_sites(user, roles).filter(site_id__in=chosen)
