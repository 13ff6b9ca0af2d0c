"""One group for all that a radiograph connects, across collections."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from training.datasets.read_table import read_table
from training.datasets.union_find import UnionFind

TWINS = "twins_across.csv"
logger = logging.getLogger(__name__)


class Grouped(Protocol):
    """``group``: what its own collection keeps together; names are unique to a collection."""

    @property
    def path(self) -> Path: ...
    @property
    def sha256(self) -> str: ...
    @property
    def group(self) -> str: ...


def joined_groups(rows: Sequence[Grouped], folder: Path) -> list[str]:
    """A group for each row. Groups that share a file, or a line of ``twins_across.csv`` below ``folder``, are
    one, which bears the smallest of their names.
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
    """Path below the data folder → its group; empty where nobody looked for twins across collections."""
    path = folder / TWINS
    if not path.is_file():
        logger.warning("There is no %s: twins across collections are not kept together.", path)
        return {}
    return {row["path"]: row["group_id"] for row in read_table(path, ("group_id", "path"))}
