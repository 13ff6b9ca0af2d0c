"""A collection that a release never saw: a folder of radiographs and the manifest.csv that describes them."""

from dataclasses import dataclass
from pathlib import Path

from training.errors import TrainingError
from training.read_table import read_table

NEEDED = ("path", "fractured", "block", "twin_group", "sha256")
MARKS = (
    *("hand", "leg", "hip", "shoulder"),
    *("hardware", "plaster"),
    *("frontal", "lateral", "oblique", "multiscan"),
)
"""Columns of 0 and 1 by which figures are also given, where a manifest has them."""


@dataclass(frozen=True)
class Picture:
    """One row of the manifest. ``group``: pictures that may be of one patient share it."""

    path: Path
    sha256: str
    fractured: bool
    group: str
    marks: dict[str, bool]


def read_folder(folder: Path) -> list[Picture]:
    """The pictures in the order of the manifest.

    ``group`` joins the blocks that share a twin, since such blocks may show one patient: intervals draw
    whole groups. Raises TrainingError where there is no manifest, or it lacks a column or a state.
    """
    path = folder / "manifest.csv"
    if not path.is_file():
        raise TrainingError(f"{folder} holds no manifest.csv, which names its pictures.")
    rows = read_table(path, NEEDED)
    if {row["fractured"] for row in rows} != {"0", "1"}:
        raise TrainingError(
            f"{path} must name fractured (1) and healthy (0) pictures, and nothing else."
        )
    group_of, marks = _groups(rows), [name for name in MARKS if name in rows[0]]
    return [
        Picture(
            folder / row["path"],
            row["sha256"],
            row["fractured"] == "1",
            group_of[row["block"]],
            {name: row[name] == "1" for name in marks},
        )
        for row in rows
    ]


def _groups(rows: list[dict[str, str]]) -> dict[str, str]:
    """Block → the name of its group: the first block that it is joined with by twins."""
    joined: dict[str, str] = {}

    def first_of(block: str) -> str:
        while joined.setdefault(block, block) != block:
            block = joined[block]
        return block

    block_of_twin: dict[str, str] = {}
    for row in rows:
        twin = first_of(block_of_twin.setdefault(row["twin_group"], row["block"]))
        joined[first_of(row["block"])] = twin
    return {block: f"block {first_of(block)}" for block in list(joined)}
