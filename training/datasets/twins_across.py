"""Radiographs that lie in both collections: the ten types, and bones with and without a fracture.

Each head also uses a member that was trained on the other collection. If one copy of a radiograph were
held out and another copy trained on, the network would know the picture that it is tested on.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.datasets.dataset import Dataset
from training.datasets.union_find import UnionFind

_TWINS = Path(__file__).parent / "annotations" / "twins_across.csv"
_Key = tuple[bool, str]  # (is of the bones, group)


def join_twins(types: Dataset, bones: Dataset) -> tuple[Dataset, Dataset]:
    """Both data sets with joined groups.

    Groups that share a file, or a radiograph that ``annotations`` lists, become one. A group with pictures
    of ``types`` keeps its name there. A group of ``bones`` alone gets a name that no group of ``types`` has.
    """
    sets = UnionFind[_Key]()
    for one, other in _links(types, bones):
        sets.union_smallest(one, other)

    def renamed(dataset: Dataset, of_bones: bool) -> Dataset:
        groups = [_name(sets.find((of_bones, row.group))) for row in dataset.rows]
        rows = zip(dataset.rows, groups, strict=True)
        return replace(dataset, rows=[replace(row, group=group) for row, group in rows])

    return renamed(types, False), renamed(bones, True)


def _links(types: Dataset, bones: Dataset) -> Iterator[tuple[_Key, _Key]]:
    """Pairs of groups that contain the same radiograph."""
    with _TWINS.open(newline="") as file:
        listed = [(row["types_sha256"], row["bones_sha256"]) for row in csv.DictReader(file)]
    keys_of: dict[str, list[_Key]] = {}
    for dataset, of_bones in ((types, False), (bones, True)):
        for row in dataset.rows:
            keys_of.setdefault(row.sha256, []).append((of_bones, row.group))
    for those in keys_of.values():
        yield from ((those[0], key) for key in those[1:])
    for one, other in listed:
        if one in keys_of and other in keys_of:
            yield keys_of[one][0], keys_of[other][0]


def _name(key: _Key) -> str:
    of_bones, group = key
    return f"bones {group}" if of_bones else group
