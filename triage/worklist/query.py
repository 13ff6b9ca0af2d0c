"""The worklist as a reader asks for it: visible, filtered, sorted, a keyset page at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import held_sites, sites_where
from accounts.models import Site, User
from accounts.refusals import Refused
from triage.models import Case
from triage.models.case import CLOSED_LATE, OPEN, SOON_CLOSED
from triage.states import CLOSED_STATES, CaseState
from triage.vocabulary import SUSPECTED, SUSPICION_NAMES, FractureClass, Priority
from triage.worklist.days import beginning_of, end_of
from triage.worklist.keyset import Cursor, Key, Order
from triage.worklist.paging import PAGE, CasePage, Listing
from triage.worklist.parameters import Parameters

# The reader turns the direction of the first key that isn't fixed; the rest break ties sensibly. Type and
# confidence mean nothing where no fracture is suspected, so those cases come last either way.
_SUSPECTED_FIRST = Key("suspicion", fixed=True)
SORTS: dict[str, Order] = {
    "deadline": (Key("due_at"), Key("id")),
    "class": (
        _SUSPECTED_FIRST,
        Key("predicted_class"),
        Key("confidence", descending=True),
        Key("id"),
    ),
    "confidence": (_SUSPECTED_FIRST, Key("confidence", descending=True), Key("id")),
    "waiting": (Key("received_at"), Key("id")),
    "priority": (Key("priority"), Key("due_at"), Key("id")),
}
# The filters whose values have an index in this order, so that a rare one is found at once.
SERVED: dict[str, tuple[str, ...]] = {
    "deadline": ("predicted_class", "suspicion", "priority", "state"),
    "class": ("suspicion",),
    "confidence": ("suspicion",),
    "waiting": (),
    "priority": ("priority",),
}
SERVED_OF_CLOSED = ("predicted_class", "suspicion", "priority")
# Closed cases have one order: it is the only one that has an index, and nobody reads them by urgency.
CLOSED_ORDER: Order = (Key("closed_at", descending=True), Key("id"))
CLOCKS_APART = timedelta(days=1)  # how far web server and database may disagree on the time
PRIORITY_NAMES = {priority.name.lower(): int(priority) for priority in Priority}
_PRIORITIES = PRIORITY_NAMES | {str(value): value for value in PRIORITY_NAMES.values()}


@dataclass(frozen=True)
class WorklistQuery:
    """A view of the worklist. ``from_params`` and ``params`` are each other's inverse."""

    sort: str = "deadline"
    descending: bool = False
    suspicions: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    confidence_min: float | None = None
    confidence_max: float | None = None
    states: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    sites: tuple[str, ...] = ()
    mine: bool = False
    received_from: date | None = None
    received_to: date | None = None
    cursor: str | None = None

    @classmethod
    def from_params(
        cls, params: QueryDict | Mapping[str, Any], *, without_sort_of_closed: bool = False
    ) -> Self:
        """Raises Refused with a sentence on anything that can't be meant.

        Args:
            without_sort_of_closed: leave ``sort`` and ``order`` out where closed states are asked for. The
                form of the page sends the present sort along with a state.
        """
        given = Parameters(params)
        if without_sort_of_closed and set(given.many("state")) & set(CLOSED_STATES):
            given.forget("sort", "order")
        given.refuse_unknown()
        sort = given.choices("sort", {name: name for name in SORTS}) or ("deadline",)
        order = given.choices("order", {"asc": False, "desc": True}) or (_natural(sort[-1]),)
        query = cls(
            sort=sort[-1],
            descending=order[-1],
            suspicions=given.choices("finding", SUSPICION_NAMES),
            classes=given.choices("class", {value: value for value in FractureClass.values}),
            confidence_min=given.fraction("confidence_min"),
            confidence_max=given.fraction("confidence_max"),
            states=given.choices("state", {value: value for value in CaseState.values}),
            priorities=given.choices("priority", _PRIORITIES),
            sites=given.many("site"),
            mine=any(given.choices("mine", {"1": True, "0": False})),
            received_from=given.day("from"),
            received_to=given.day("to"),
            cursor=given.one("cursor") or None,
        )
        if query.is_closed:
            given.refuse_sort_of_closed(mixed=not set(query.states) <= set(CLOSED_STATES))
        if query.cursor:
            Cursor.decode(query.cursor, query.order, Case)
        return query

    @property
    def is_closed(self) -> bool:
        """Whether closed cases are asked for."""
        return any(state in CLOSED_STATES for state in self.states)

    @property
    def order(self) -> Order:
        if self.is_closed:
            return CLOSED_ORDER
        keys = SORTS[self.sort]
        turned = _turned(keys)
        return tuple(
            replace(key, descending=self.descending) if key is turned else key for key in keys
        )

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order narrows the list."""
        plain = WorklistQuery(sort=self.sort, descending=self.descending, cursor=self.cursor)
        return self != plain

    def params(self, **changes: Any) -> str:
        """The view as a query string with ``changes`` made; a change starts at the first page."""
        values = self._as_params()
        if changes:
            values.pop("cursor", None)
        for name, value in changes.items():
            values[name] = value
        cleaned = {name: value for name, value in values.items() if value not in (None, "", (), [])}
        return urlencode(cleaned, doseq=True)

    def _as_params(self) -> dict[str, Any]:
        natural = _natural(self.sort)
        names = {value: name for name, value in PRIORITY_NAMES.items()}
        findings = {value: name for name, value in SUSPICION_NAMES.items()}
        return {
            "sort": None if self.sort == "deadline" else self.sort,
            "order": None if self.descending == natural else ("desc" if self.descending else "asc"),
            "finding": [findings[value] for value in self.suspicions],
            "class": self.classes,
            "confidence_min": self.confidence_min,
            "confidence_max": self.confidence_max,
            "state": self.states,
            "priority": [names[value] for value in self.priorities],
            "site": self.sites,
            "mine": "1" if self.mine else None,
            "from": self.received_from,
            "to": self.received_to,
            "cursor": self.cursor,
        }

    def page(self, user: User, size: int = PAGE) -> CasePage:
        """The page at the cursor, as ``user`` may see it."""
        cursor = Cursor.decode(self.cursor, self.order, Case) if self.cursor else None
        branches, passes = self._of_closed() if self.is_closed else self._of_open(user)
        return Listing(self._sites(user), self.order, branches, passes).page(cursor, size)

    def _of_open(self, user: User) -> tuple[list[Q], Q]:
        if self.mine:
            # A reader holds few cases, so their index serves better than that of the order.
            branches, passes = self._branched([OPEN & Q(claimed_by=user)], ())
            return branches, passes & Q(claimed_until__gt=Now())
        return self._branched([OPEN], SERVED[self.sort])

    def _of_closed(self) -> tuple[list[Q], Q]:
        if self.mine:  # signing and withdrawing end a claim
            return [], Q()
        by_state = [Q(state=state) for state in self.states]
        branches, passes = self._branched(by_state, SERVED_OF_CLOSED)
        if self.received_from:
            # A case closes after it came: what closed earlier needn't be looked at.
            since = beginning_of(self.received_from) - CLOCKS_APART
            branches = [branch & Q(closed_at__gte=since) for branch in branches]
        if self.received_to:
            # Looking begins soon after the last day, and not at today; of what closed after that, only a
            # case that stayed open for long can have come before.
            until = end_of(self.received_to) + SOON_CLOSED
            ways = (Q(closed_at__lt=until), Q(closed_at__gte=until) & CLOSED_LATE)
            branches = [branch & way for branch in branches for way in ways]
        return branches, passes

    def _branched(self, branches: list[Q], served: Collection[str]) -> tuple[list[Q], Q]:
        """A branch for each value of one filter that has an index; the others are asked of each row."""
        passes, undivided = self._ranges(), len(branches)
        for name, values in (
            ("predicted_class", self.classes),
            ("suspicion", self._suspicions()),
            ("priority", self.priorities),
            ("state", () if self.is_closed else self.states),
        ):
            if values and name in served and len(branches) == undivided:
                branches = [branch & Q(**{name: value}) for branch in branches for value in values]
                undivided = 0
            elif values:
                passes &= Q(**{f"{name}__in": values})
        return branches, passes

    def _sites(self, user: User) -> QuerySet:
        """The reader's sites, narrowed by the filter; a stranger's site is no site at all."""
        if not self.sites:
            return held_sites(user)
        named = Site.objects.filter(pk__in=sites_where(user))
        wanted = {str(name) for name in self.sites}
        chosen = [site.pk for site in named if site.slug in wanted or str(site.pk) in wanted]
        if not chosen:
            raise Refused("bad_filter", _("site: You belong to no such site."))
        return held_sites(user).filter(site_id__in=chosen)

    def _suspicions(self) -> tuple[int, ...]:
        """Empty for all. Nobody asks for a confidence that is not shown."""
        by_confidence = (self.confidence_min, self.confidence_max) != (None, None)
        return self.suspicions or (SUSPECTED if by_confidence else ())

    def _ranges(self) -> Q:
        """Days are half-open ranges of time, in the reader's time zone."""
        condition = Q()
        if self.confidence_min is not None:
            condition &= Q(confidence__gte=self.confidence_min)
        if self.confidence_max is not None:
            condition &= Q(confidence__lte=self.confidence_max)
        if self.received_from:
            condition &= Q(received_at__gte=beginning_of(self.received_from))
        if self.received_to:
            condition &= Q(received_at__lt=end_of(self.received_to))
        return condition


def _turned(keys: Order) -> Key:
    """The key whose direction the reader turns."""
    return next(key for key in keys if not key.fixed)


def _natural(sort: str) -> bool:
    """Whether a sort descends unless told otherwise."""
    return _turned(SORTS[sort]).descending
