"""An external collection, which a release never saw: radiographs and a manifest.csv about them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from training.datasets.read_table import read_table
from training.datasets.union_find import UnionFind
from training.errors import TrainingError

_SHA256 = re.compile(r"[0-9a-f]{64}")
NEEDED = ("path", "fractured", "block", "twin_group", "sha256")
MARKS = (
    *("hand", "leg", "hip", "shoulder"),
    *("hardware", "plaster"),
    *("frontal", "lateral", "oblique", "multiscan"),
)
"""Optional columns of 0 and 1. Figures are also given for the pictures with each of them."""


@dataclass(frozen=True)
class Picture:
    """One row of the manifest. ``group``: pictures that may be of one patient share it."""

    path: Path
    sha256: str
    fractured: bool
    group: str
    marks: dict[str, bool]


def read_folder(folder: Path) -> list[Picture]:
    """Reads the pictures in the order of the manifest.

    ``group`` joins the blocks that share a twin, because they may show one patient; intervals resample whole
    groups. Raises TrainingError if there is no manifest, a column or a state is missing, a row has no
    block, a path leads out of the folder or is in two rows, or all pictures are in one group.
    """
    path = folder / "manifest.csv"
    if not path.is_file():
        raise TrainingError(f"{folder} holds no manifest.csv, which names its pictures.")
    rows = read_table(path, NEEDED)
    if {row["fractured"] for row in rows} != {"0", "1"}:
        raise TrainingError(
            f"{path} must name fractured (1) and healthy (0) pictures, and nothing else."
        )
    _refuse_faults(path, rows)
    group_of, marks = _groups(rows), [name for name in MARKS if name in rows[0]]
    if len(set(group_of.values())) < 2:
        raise TrainingError(
            f"{path} puts all pictures into one group (block, twin_group), as if they were of one patient. "
            "An interval draws groups and needs several."
        )
    return [
        Picture(
            folder / row["path"],
            row["sha256"].strip().lower(),
            row["fractured"] == "1",
            group_of[row["block"]],
            {name: row[name] == "1" for name in marks},
        )
        for row in rows
    ]


def once(pictures: list[Picture]) -> list[Picture]:
    """The first picture of each content: a copy under another name gives no new evidence.

    Raises TrainingError if one copy is marked as fractured and another as healthy.
    """
    firsts: dict[str, Picture] = {}
    for picture in pictures:
        first = firsts.setdefault(picture.sha256, picture)
        if first.fractured != picture.fractured:
            raise TrainingError(
                f"{first.path} and {picture.path} are one file, and only one of them is said to be fractured."
            )
    return list(firsts.values())


def _refuse_faults(path: Path, rows: list[dict[str, str]]) -> None:
    """Raises TrainingError if a row is invalid, and its picture would be measured wrongly."""
    times = Counter(PurePosixPath(row["path"]) for row in rows)
    for row in rows:
        name, sha256 = row["path"], row["sha256"].strip().lower()
        below = PurePosixPath(name.replace("\\", "/"))
        if not name.strip() or below.is_absolute() or ".." in below.parts:
            raise TrainingError(
                f"{path}: {name or 'a row without a path'} is not a file below the folder."
            )
        for column in ("block", "twin_group"):
            if not row[column].strip():
                raise TrainingError(
                    f"{path}: {name} has no {column}. Pictures that share one are drawn together; give it "
                    "one of its own where nothing is known."
                )
        if not _SHA256.fullmatch(sha256):
            raise TrainingError(f"{path}: the SHA-256 of {name} must be of 64 hexadecimal digits.")
        if times[PurePosixPath(name)] > 1:
            raise TrainingError(f"{path}: {name} is in several rows, and would count as often.")


def _groups(rows: list[dict[str, str]]) -> dict[str, str]:
    """Block → the name of its group. Twins join the blocks that they lie in."""
    sets = UnionFind[str]()
    block_of_twin: dict[str, str] = {}
    for row in rows:
        first_block = block_of_twin.setdefault(row["twin_group"], row["block"])
        sets.union(kept=first_block, joined=row["block"])
    return {row["block"]: f"block {sets.find(row['block'])}" for row in rows}
