"""A query of the worklist: visible cases, filtered, sorted, one keyset page at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import held_sites, sites_where
from accounts.models import Site, User
from accounts.refusals import Refused
from accounts.roles import READS_CASES, Role
from triage.disclosure import Sortable, disclosure_for
from triage.models import Case
from triage.states import CLOSED_STATES
from triage.worklist.branches import Asked, is_of_closed
from triage.worklist.filter_types import Values
from triage.worklist.filters import BY_NAME, FILTERS
from triage.worklist.keyset import Cursor, Order
from triage.worklist.of_reader import held_by, ids_held_by
from triage.worklist.orders import (
    CLOSED_ORDER,
    DESCENDING,
    SORTS,
    orders,
    turned,
)
from triage.worklist.paging import PAGE, CasePage, Listing
from triage.worklist.parameters import Parameters


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
        return is_of_closed(dict(self.chosen))

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
        # A reader holds few cases, so they are found first and sorted after.
        held = Q(pk__in=list(ids_held_by(user))) if self.values("mine") else Q()
        return self._listing(user, sortable, roles, held)

    def cases(self, user: User, sortable: Sortable) -> QuerySet[Case]:
        """All that the pages of this view show ``user``, without an order: to be counted in one statement."""
        return self._listing(user, sortable, READS_CASES, held_by(user)).cases()

    def _listing(self, user: User, sortable: Sortable, roles: Collection[Role], held: Q) -> Listing:
        """``held``: the condition of the filter "claimed by me"."""
        self.refuse_hidden(sortable)
        asked = Asked(user, sortable, self.sort, dict(self.chosen), held)
        branches, passes = asked.branches()
        return Listing(self._sites(user, roles), self._order(sortable), branches, passes)

    def _order(self, sortable: Sortable) -> Order:
        if self.is_closed:
            return CLOSED_ORDER
        return turned(orders(sortable)[self.sort], descending=self.descending)

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
