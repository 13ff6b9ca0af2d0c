"""Radiographs that lie in both collections: the ten types, and bones with and without a fracture.

Each head listens to a member that has learnt from the other collection. Were one copy of a radiograph
held out and the other learnt from, its score would be that of a picture which the network knows.
"""

import csv
from dataclasses import replace
from pathlib import Path

from training.data import Dataset

_TWINS = Path(__file__).parent / "annotations" / "twins_across.csv"


def in_groups_of(bones: Dataset, types: Dataset) -> Dataset:
    """``bones`` with new group names: the group of the twin among ``types`` where there is one, for the
    whole group, and else one that no group of ``types`` has.
    """
    with _TWINS.open(newline="") as file:
        twin_of = {row["bones_sha256"]: row["types_sha256"] for row in csv.DictReader(file)}
    group_of = {row.sha256: row.group for row in types.rows}
    shared = {
        row.group: group_of[twin_of[row.sha256]]
        for row in bones.rows
        if twin_of.get(row.sha256) in group_of
    }
    rows = [replace(row, group=shared.get(row.group, f"bones {row.group}")) for row in bones.rows]
    return replace(bones, rows=rows)
