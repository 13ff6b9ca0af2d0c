"""The manifest that ``fit`` reads, and its comparison with the folder's own one."""

import csv
import io
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from training.audit.groups import Entry

COLUMNS = (
    "path",
    "class",
    "split",
    "sha256",
    "dup_id",
    "group_id",
    "label_conflict",
    "test_leaked",
    "dedup_keep",
    "marks",
)
Paths = tuple[str, str]


@dataclass(frozen=True)
class Agreement:
    """Pairs of paths of twins or groups: in ``both`` manifests, or in only one of them."""

    both: frozenset[Paths]
    theirs: frozenset[Paths]
    ours: frozenset[Paths]

    @property
    def recall(self) -> float:
        """Share of the other manifest's pairs that the audit found, 0..1."""
        return len(self.both) / max(1, len(self.both) + len(self.theirs))


def manifest_csv(entries: list[Entry]) -> str:
    """CSV with one line for each readable picture."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        picture = entry.trait.picture
        flags = (int(entry.conflict), int(entry.leaked), int(entry.keep))
        writer.writerow(
            [
                picture.path,
                picture.label,
                picture.split,
                entry.trait.sha256,
                entry.dup,
                entry.group,
                *flags,
                " ".join(entry.trait.marks),
            ]
        )
    return file.getvalue()


def read_manifest(folder: Path) -> list[dict[str, str]]:
    """The rows of ``manifest.csv``; empty if there is no such file."""
    path = folder / "manifest.csv"
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def agreement(entries: list[Entry], given: list[dict[str, str]], column: str) -> Agreement:
    """How pairs with one ``dup_id`` or ``group_id`` compare, over the pictures in both manifests."""
    ours = {entry.trait.picture.path: _id(entry, column) for entry in entries}
    theirs = {row["path"]: row[column] for row in given if row["path"] in ours and column in row}
    mine = _pairs({path: ours[path] for path in theirs})
    other = _pairs(theirs)
    return Agreement(mine & other, other - mine, mine - other)


def _id(entry: Entry, column: str) -> str:
    return entry.dup if column == "dup_id" else entry.group


def _pairs(ids: dict[str, str]) -> frozenset[Paths]:
    members: dict[str, list[str]] = {}
    for path, own in ids.items():
        members.setdefault(own, []).append(path)
    return frozenset(pair for those in members.values() for pair in combinations(sorted(those), 2))
