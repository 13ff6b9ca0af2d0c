"""Radiographs that lie in both collections: the ten types, and bones with and without a fracture.

Each head listens to a member that has learnt from the other collection. Were one copy of a radiograph
held out and the other learnt from, its score would be that of a picture which the network knows.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from training.datasets.dataset import Dataset

_TWINS = Path(__file__).parent / "annotations" / "twins_across.csv"
_Key = tuple[bool, str]  # whether it is of the bones, and the group


def join_twins(types: Dataset, bones: Dataset) -> tuple[Dataset, Dataset]:
    """Both with new group names: groups that share a file, or a radiograph that ``annotations`` lists, are
    one. A group keeps its name among ``types``; of ``bones`` alone it gets one that no group there has.
    """
    first = {key: key for key in _keys(types, False) | _keys(bones, True)}

    def root(key: _Key) -> _Key:
        while first[key] != key:
            key = first[key]
        return key

    for one, other in _links(types, bones):
        low, high = sorted((root(one), root(other)))
        first[high] = low

    def renamed(dataset: Dataset, of_bones: bool) -> Dataset:
        return replace(
            dataset,
            rows=[replace(row, group=_name(root((of_bones, row.group)))) for row in dataset.rows],
        )

    return renamed(types, False), renamed(bones, True)


def _links(types: Dataset, bones: Dataset) -> Iterator[tuple[_Key, _Key]]:
    """Pairs of groups that a radiograph lies in."""
    with _TWINS.open(newline="") as file:
        listed = [(row["types_sha256"], row["bones_sha256"]) for row in csv.DictReader(file)]
    keys_of: dict[str, list[_Key]] = {}
    for dataset, of_bones in ((types, False), (bones, True)):
        for row in dataset.rows:
            keys_of.setdefault(row.sha256, []).append((of_bones, row.group))
    for those in keys_of.values():
        yield from ((those[0], each) for each in those[1:])
    for one, other in listed:
        if one in keys_of and other in keys_of:
            yield keys_of[one][0], keys_of[other][0]


def _keys(dataset: Dataset, of_bones: bool) -> set[_Key]:
    return {(of_bones, row.group) for row in dataset.rows}


def _name(key: _Key) -> str:
    of_bones, group = key
    return f"bones {group}" if of_bones else group
