"""The first rows of all of a reader's sites in one order, by a plan that doesn't grow with the sites."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet, UUIDField
from django.db.models.expressions import RawSQL

from triage.models import Case
from triage.worklist.keyset import Key, Order

# What a branch compares its site with: the site that the reader's list has reached.
THIS_SITE = RawSQL('"reader"."site_id"', (), output_field=UUIDField())


Sql = tuple[str, tuple[Any, ...]]

# By type of a column: the bound of its rows, and the first and last value, which stand for no bound.
BOUNDS = {
    "DateTimeField": (
        'COALESCE((SELECT "key" FROM "bound"), %s::timestamptz)',
        ("-infinity", "infinity"),
    ),
    "FloatField": (
        'COALESCE((SELECT "key" FROM "bound"), %s::float8)',
        ("-infinity", "infinity"),
    ),
    "UUIDField": (
        'COALESCE((SELECT "key" FROM "bound"), %s::uuid)',
        (str(UUID(int=0)), str(UUID(int=2**128 - 1))),
    ),
}


def first_rows(
    sites: QuerySet,
    branches: Sequence[Sql | None],
    names: Sequence[str],
    order: Order,
    size: int,
    tips: Sequence[Sql | None] = (),
) -> list[tuple[Any, ...]]:
    """The first ``size`` rows of ``branches`` over all ``sites``, in ``order``.

    Args:
        sites: one column, the ids of the sites.
        branches: SELECTs of the columns ``names``, each of ``THIS_SITE``, ordered and with a LIMIT; None
            holds no row. Their number should be small and must not depend on the sites.
        tips: the same SELECTs with the first column of the order alone and only the first row, where the
            branches are filtered by ``bound_of`` that column.

    A branch is planned once for an unknown site and run for each site, so PostgreSQL walks the index that
    begins with the site and stops at the slice. ``site_id IN (…)`` would sort all rows of all sites, and
    a UNION of one branch a site took 490 ms to plan for 500 sites.
    """
    of_sites = compiled(sites)
    union = _union(branches)
    if of_sites is None or union is None:
        return []
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in names)
    # Only names of our columns and what Django compiled stand in the text; values are parameters.
    reader = f'WITH "reader"("site_id") AS MATERIALIZED ({of_sites[0]})'
    bound, of_bound = _bound(tips, order, size)
    sql = (
        f'{reader}{bound} SELECT page.* FROM "reader" '  # noqa: S608
        f"CROSS JOIN LATERAL ({union[0]}) AS page({columns}) "
        f"ORDER BY {ordered_by(order)} LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, (*of_sites[1], *of_bound, *union[1], size))
        return cursor.fetchall()


def _union(branches: Sequence[Sql | None]) -> Sql | None:
    parts = [branch for branch in branches if branch is not None]
    values = tuple(value for _sql, given in parts for value in given)
    return (" UNION ALL ".join(f"({sql})" for sql, _given in parts), values) if parts else None


def _bound(tips: Sequence[Sql | None], order: Order, size: int) -> Sql:
    """No row further than this is among the first ``size``: so many sites have a nearer one at their tip."""
    union = _union(tips)
    if union is None:
        return "", ()
    direction = "DESC" if order[0].descending else "ASC"
    sql = (
        f', "bound"("key") AS MATERIALIZED (SELECT tip."key" FROM "reader" '  # noqa: S608
        f'CROSS JOIN LATERAL ({union[0]}) AS tip("key") ORDER BY 1 {direction} LIMIT 1 OFFSET %s)'
    )
    return sql, (*union[1], size - 1)


def bound_of(key: Key) -> Q:
    """The condition that ``tips`` put on the first column of an order; Q() for a column of few values.

    500 sites give 500 rows to see the bound by, instead of 500 pages to choose one page from.
    """
    field_type = Case._meta.get_field(key.field).get_internal_type()
    if field_type not in BOUNDS:
        return Q()
    sql, (first, last) = BOUNDS[field_type]
    bound = RawSQL(sql, (first if key.descending else last,))  # noqa: S611 (a text of ours)
    return Q(**{f"{key.field}__{'gte' if key.descending else 'lte'}": bound})


def ordered_by(order: Order) -> str:
    """The order as SQL, for columns of these names."""
    quote = connection.ops.quote_name
    return ", ".join(f"{quote(key.field)} {'DESC' if key.descending else 'ASC'}" for key in order)


def compiled(rows: QuerySet) -> Sql | None:
    """SQL with its parameters; None where Django knows that no row passes."""
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(parameters)
