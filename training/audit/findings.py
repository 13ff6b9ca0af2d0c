"""All findings of an audit, and the same as JSON."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from training.audit.groups import Entry
from training.audit.leak import Accuracy
from training.audit.manifest import Agreement
from training.audit.traits import Unreadable
from training.audit.twins import Pair


@dataclass(frozen=True)
class Findings:
    """``given``: how twins and groups compare with the folder's own manifest, if it has one."""

    folder: Path
    entries: list[Entry]
    pairs: list[Pair]
    unreadable: list[Unreadable]
    accuracies: list[Accuracy]
    given: dict[str, Agreement] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """The figures at the top of the report."""
        entries = self.entries
        held_out = [entry for entry in entries if entry.trait.picture.split in ("Test", "Val")]
        return {
            "pictures": len(entries),
            "unreadable": len(self.unreadable),
            "radiographs": len({entry.dup for entry in entries}),
            "groups": len({entry.group for entry in entries}),
            "exact_copies": len(entries) - len({entry.trait.sha256 for entry in entries}),
            "twin_pairs": len(self.pairs),
            "held_out": len(held_out),
            "leaked": sum(picture.leaked for picture in held_out),
            "conflicting": sum(entry.conflict for entry in entries),
            "conflicting_radiographs": len({entry.dup for entry in entries if entry.conflict}),
            "marked": sum(bool(entry.trait.marks) for entry in entries),
            "kept": sum(entry.keep for entry in entries),
        }

    def as_dict(self) -> dict[str, Any]:
        marks = Counter(mark for entry in self.entries for mark in entry.trait.marks)
        return {
            "folder": str(self.folder.resolve()),
            "counts": self.counts,
            "marks": dict(sorted(marks.items())),
            "unreadable": {file.picture.path: file.reason for file in self.unreadable},
            "nearest_neighbour": [asdict(accuracy) for accuracy in self.accuracies],
            "given_manifest": {
                column: {
                    "found": len(agreement.both),
                    "missed": sorted(agreement.theirs),
                    "beyond": len(agreement.ours),
                    "recall": round(agreement.recall, 4),
                }
                for column, agreement in self.given.items()
            },
        }
