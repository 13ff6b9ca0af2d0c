"""The worklist as a reader asks for it: visible, filtered, sorted, a keyset page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Site, User
from triage.models import Case
from triage.models.visibility import sites_where
from triage.refusals import Refused
from triage.states import OPEN_STATES, CaseState
from triage.vocabulary import SUSPECTED, SUSPICION_NAMES, FractureClass, Priority
from triage.worklist.keyset import Cursor, Key, Order, beyond, key_of
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
PRIORITY_NAMES = {priority.name.lower(): int(priority) for priority in Priority}
_PRIORITIES = PRIORITY_NAMES | {str(value): value for value in PRIORITY_NAMES.values()}


@dataclass(frozen=True)
class WorklistPage:
    """One page of cases with their site, claim holder and images loaded."""

    cases: list[Case]
    next_cursor: str | None
    previous_cursor: str | None


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
    def from_params(cls, params: QueryDict | Mapping[str, Any]) -> Self:
        """Raises Refused with a sentence on anything that can't be meant."""
        given = Parameters(params)
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
        if query.cursor:
            Cursor.decode(query.cursor, query.order, Case)
        return query

    @property
    def order(self) -> Order:
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

    def filtered(self, user: User) -> QuerySet[Case]:
        """The visible cases that pass the filters, in no order."""
        cases = Case.objects.filter(self._states(), self._received())
        if wanted := self._suspicions():
            cases = cases.filter(suspicion__in=wanted)
        if self.classes:
            cases = cases.filter(predicted_class__in=self.classes)
        if self.confidence_min is not None:
            cases = cases.filter(confidence__gte=self.confidence_min)
        if self.confidence_max is not None:
            cases = cases.filter(confidence__lte=self.confidence_max)
        if self.priorities:
            cases = cases.filter(priority__in=self.priorities)
        if self.mine:
            cases = cases.filter(claimed_by=user, claimed_until__gt=Now())
        return cases

    def page(self, user: User, size: int = 50) -> WorklistPage:
        """The page at the cursor, as ``user`` may see it; page 1000 costs what page 1 does."""
        order = self.order
        cursor = Cursor.decode(self.cursor, order, Case) if self.cursor else None
        backwards = cursor is not None and cursor.backwards
        way = tuple(key.flipped() for key in order) if backwards else order
        rows = self._rows(user, way, cursor, size + 1)
        more = len(rows) > size
        rows = rows[:size]
        if backwards:
            rows.reverse()
        has_next = bool(rows) and (more or backwards)
        has_previous = bool(rows) and (more if backwards else cursor is not None)
        return WorklistPage(
            cases=rows,
            next_cursor=Cursor(key_of(rows[-1], order)).encode() if has_next else None,
            previous_cursor=(
                Cursor(key_of(rows[0], order), backwards=True).encode() if has_previous else None
            ),
        )

    def _rows(self, user: User, way: Order, cursor: Cursor | None, size: int) -> list[Case]:
        """Merges the first rows of each site, so that every site's own index is used."""
        ordering = [key.order_by for key in way]
        cases = self.filtered(user)
        if cursor is not None:
            cases = cases.filter(beyond(way, cursor.values))
        names = list(dict.fromkeys(["id", *(key.field for key in way)]))
        branches = [
            cases.filter(site_id=site).order_by(*ordering).values_list(*names)[:size]
            for site in self._site_ids(user)
        ]
        if not branches:
            return []
        first, *rest = branches
        merged = first.union(*rest, all=True).order_by(*ordering)[:size] if rest else first
        ids = [row[0] for row in merged]
        rows = Case.objects.select_related("site", "claimed_by").prefetch_related("images")
        found = rows.in_bulk(ids)
        return [found[each] for each in ids if each in found]

    def _site_ids(self, user: User) -> list[UUID]:
        """The reader's sites, narrowed by the filter; a stranger's site is no site at all."""
        mine = sites_where(user)
        if not self.sites:
            return mine
        named = Site.objects.filter(pk__in=mine)
        wanted = {str(each) for each in self.sites}
        chosen = [site.pk for site in named if site.slug in wanted or str(site.pk) in wanted]
        if not chosen:
            raise Refused("bad_filter", _("site: You belong to no such site."))
        return chosen

    def _suspicions(self) -> tuple[int, ...]:
        """Empty for all. Nobody asks for a class or a confidence that is not shown (``names_no_class``)."""
        by_type = self.classes or (self.confidence_min, self.confidence_max) != (None, None)
        return self.suspicions or (SUSPECTED if by_type else ())

    def _states(self) -> Q:
        return Q(state__in=self.states or [state.value for state in OPEN_STATES])

    def _received(self) -> Q:
        condition = Q()
        if self.received_from:
            condition &= Q(received_at__date__gte=self.received_from)
        if self.received_to:
            condition &= Q(received_at__date__lte=self.received_to)
        return condition


def _turned(keys: Order) -> Key:
    """The key whose direction the reader turns."""
    return next(key for key in keys if not key.fixed)


def _natural(sort: str) -> bool:
    """Whether a sort descends unless told otherwise."""
    return _turned(SORTS[sort]).descending
