"""Keyset pages of cases over all sites of a reader. A page scans a limited number of rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import RowNumber

from triage.disclosure import with_deciding_prediction
from triage.models import Case
from triage.worklist.keyset import Cursor, Key, Order, parts_beyond
from triage.worklist.merged import THIS_SITE, Sql, bound_of, compiled, first_rows, ordered_by

PAGE = 50  # cases: about two screens; each costs a thumbnail and its predictions
# Rows scanned for each row of a page, at each site. A filter that has no index of its own lets few rows
# through; without a limit one rare value would read a site's whole history. Ten: a filter that one case in
# ten passes still fills its page at once, and a page costs at most ten times the work of an unfiltered one.
ROWS_SCANNED_PER_RESULT = 10


@dataclass(frozen=True)
class CasePage:
    """One page of cases with their site, claim holder and images loaded.

    ``is_partial``: the scan stopped before the page was full; the next page continues there.
    """

    cases: list[Case]
    next_cursor: str | None
    previous_cursor: str | None
    is_partial: bool = False


@dataclass(frozen=True)
class Listing:
    """What a list holds.

    Args:
        branches: conditions that together with the site and the order are served by one index each. A case
            fulfils one of them at most.
        passes: what else a case must fulfil; it is tested on the scanned rows.
    """

    sites: QuerySet
    order: Order
    branches: Sequence[Q]
    passes: Q = field(default_factory=Q)

    def cases(self) -> QuerySet[Case]:
        """All of it, without an order."""
        if not self.branches:
            return Case.objects.none()
        return Case.objects.filter(
            reduce(or_, self.branches) & self.passes, site__in=self.sites
        ).order_by()

    def page(self, cursor: Cursor | None, size: int = PAGE) -> CasePage:
        """The page at the cursor; page 1000 costs what page 1 does."""
        backwards = cursor is not None and cursor.backwards
        way = tuple(key.flipped() for key in self.order) if backwards else self.order
        keys, stopped_at = self.keys(way, cursor, size + 1)
        more, keys = len(keys) > size, keys[:size]
        if more:
            stopped_at = None
        further = keys[-1] if more else stopped_at
        # An empty page has no rows: only the place where the scan stopped is known.
        nearest = keys[0] if keys else stopped_at
        onward = Cursor(further, backwards).encode() if further else None
        back = Cursor(nearest, not backwards).encode() if nearest and cursor else None
        if backwards:
            keys.reverse()
        names = [key.field for key in self.order]
        ids = [key[names.index("id")] for key in keys]
        return CasePage(
            cases=in_order(ids),
            next_cursor=back if backwards else onward,
            previous_cursor=onward if backwards else back,
            is_partial=stopped_at is not None,
        )

    def keys(
        self, way: Order, cursor: Cursor | None, size: int, *, scanned: int = 0
    ) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
        """At most ``size`` sort keys of cases that pass, and where the scan stopped, if it did.

        ``scanned``: the most rows that a branch scans at a site; 0: as a page does.
        """
        if not self.branches:
            return [], None
        names = [key.field for key in way]
        parts = parts_beyond(way, cursor.values) if cursor else [Q()]
        branches = [branch & part for branch in self.branches for part in parts]
        most = scanned or max(size, ROWS_SCANNED_PER_RESULT * (size - 1) // len(branches))
        # One row more than cases are wanted: the mark at which a branch stopped scanning.
        selects = [self._select(branch, way, size, most) for branch in branches]
        tips = [_tip(branch, way) for branch in branches] if self._is_bounded(way) else []
        rows = first_rows(self.sites, selects, [*names, "passes", "number"], way, size + 1, tips)
        keys: list[tuple[Any, ...]] = []
        for *key, passes, number in rows:
            if passes:
                keys.append(tuple(key))
            if len(keys) == size:
                break
            if number == most:
                # Beyond this row another branch may know of cases, but this one would leave a gap.
                return keys, tuple(key)
        return keys, None

    def _is_bounded(self, way: Order) -> bool:
        """A row at the tip of a site bounds the page only if it is sure to be on it."""
        return not self.passes and bool(bound_of(way[0]))

    def _select(self, branch: Q, way: Order, size: int, most: int) -> Sql | None:
        """The first rows of a site that pass, with whether they pass and their number."""
        names = [key.field for key in way]
        cases = Case.objects.filter(branch, site_id=THIS_SITE)
        ordering = [key.order_by for key in way]
        if not self.passes:
            if self._is_bounded(way):
                cases = cases.filter(bound_of(way[0]))
            cases = cases.annotate(passes=Value(True), number=Value(0)).order_by(*ordering)
            return compiled(cases.values_list(*names, "passes", "number")[:size])
        # The order is walked in its index alone, and each scanned row is fetched by its id. If the
        # walk itself needed other columns, PostgreSQL would rather gather and sort all rows of a site
        # that it believes to be of average size.
        itself = Case.objects.filter(pk=OuterRef("pk")).annotate(
            passes=ExpressionWrapper(self.passes, output_field=BooleanField())
        )
        scanned: QuerySet = cases.annotate(
            passes=Subquery(itself.values("passes")[:1]),
            number=Window(RowNumber(), order_by=[_ordered(key) for key in way]),
        )
        scanned = scanned.order_by(*ordering).values_list(*names, "passes", "number")[:most]
        # Filtered outside of the LIMIT, which bounds the rows scanned and not those that pass.
        inner = compiled(scanned)
        return inner and (
            f"SELECT * FROM ({inner[0]}) AS scanned WHERE passes OR number = %s "  # noqa: S608
            f"ORDER BY {ordered_by(way)} LIMIT %s",
            (*inner[1], most, size + 1),
        )


def _tip(branch: Q, way: Order) -> Sql | None:
    """The first column of the order of the first row of a site."""
    cases = Case.objects.filter(branch, site_id=THIS_SITE)
    ordering = [key.order_by for key in way]
    return compiled(cases.order_by(*ordering).values_list(way[0].field)[:1])


def _ordered(key: Key) -> Any:
    return F(key.field).desc() if key.descending else F(key.field).asc()


def in_order(ids: Iterable[Any]) -> list[Case]:
    """The cases of these ids in this order, with what a list shows of them."""
    ids = list(ids)
    rows = with_deciding_prediction(Case.objects.select_related("site")).with_reading()
    rows = rows.prefetch_related("images")
    found = rows.in_bulk(ids)
    return [found[case_id] for case_id in ids if case_id in found]
