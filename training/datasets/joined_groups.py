"""Groups that hold over all collections: twins in different collections share one."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from training.datasets.read_table import read_table
from training.datasets.union_find import UnionFind

TWINS = "twins_across.csv"
logger = logging.getLogger(__name__)


class Grouped(Protocol):
    """``group``: pictures that their own collection keeps together. Names of groups are unique to a
    collection.
    """

    @property
    def path(self) -> Path: ...
    @property
    def sha256(self) -> str: ...
    @property
    def group(self) -> str: ...


def joined_groups(rows: Sequence[Grouped], folder: Path) -> list[str]:
    """The group of each row. Groups that share a file, or a line of ``twins_across.csv``, are joined.

    A joined group has the smallest of their names. ``folder``: holds the collections and the table.
    """
    sets = UnionFind[str]()
    twins = _twins_across(folder)
    for row in rows:
        own = f"group {row.group}"
        for link in _links(row, twins, folder):
            sets.union_smallest(own, link)
    smallest: dict[str, str] = {}
    for row in rows:
        root = sets.find(f"group {row.group}")
        smallest[root] = min(row.group, smallest.get(root, row.group))
    return [smallest[sets.find(f"group {row.group}")] for row in rows]


def _links(row: Grouped, twins: dict[str, str], folder: Path) -> Iterator[str]:
    yield f"file {row.sha256}"
    if row.path.is_relative_to(folder):
        twin = twins.get(row.path.relative_to(folder).as_posix())
        if twin is not None:
            yield f"twins {twin}"


def _twins_across(folder: Path) -> dict[str, str]:
    """Path below the data folder → its group; empty if the table doesn't exist."""
    path = folder / TWINS
    if not path.is_file():
        logger.warning("There is no %s: twins across collections are not kept together.", path)
        return {}
    return {row["path"]: row["group_id"] for row in read_table(path, ("group_id", "path"))}
