"""What PostgreSQL really read for a statement, from EXPLAIN (ANALYZE)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Plan:
    """``rows``: rows that scans of a table read, those that a filter threw away included."""

    sql: str
    nodes: list[dict[str, Any]]

    def rows(self, table: str) -> int:
        read = 0.0
        for node in self.of(table):
            away = node.get("Rows Removed by Filter", 0) + node.get(
                "Rows Removed by Index Recheck", 0
            )
            read += (node["Actual Rows"] + away) * node["Actual Loops"]
        return round(read)

    def of(self, table: str) -> list[dict[str, Any]]:
        return [node for node in self.nodes if node.get("Relation Name") == table]

    def scans_whole(self, table: str) -> bool:
        return any(node["Node Type"] == "Seq Scan" for node in self.of(table))


def plans_of(act: Callable[[], object]) -> list[Plan]:
    """Runs ``act`` and explains each SELECT that it made, as the same person on the same connection."""
    said: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            said.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        act()
    found = []
    for sql, params in said:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            found.append(Plan(sql, list(_nodes(cursor.fetchone()[0][0]["Plan"]))))
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)
