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
        held_out = [each for each in entries if each.trait.picture.split in ("Test", "Val")]
        return {
            "pictures": len(entries),
            "unreadable": len(self.unreadable),
            "radiographs": len({each.dup for each in entries}),
            "groups": len({each.group for each in entries}),
            "exact_copies": len(entries) - len({each.trait.sha256 for each in entries}),
            "twin_pairs": len(self.pairs),
            "held_out": len(held_out),
            "leaked": sum(each.leaked for each in held_out),
            "conflicting": sum(each.conflict for each in entries),
            "conflicting_radiographs": len({each.dup for each in entries if each.conflict}),
            "marked": sum(bool(each.trait.marks) for each in entries),
            "kept": sum(each.keep for each in entries),
        }

    def as_dict(self) -> dict[str, Any]:
        marks = Counter(mark for each in self.entries for mark in each.trait.marks)
        return {
            "folder": str(self.folder.resolve()),
            "counts": self.counts,
            "marks": dict(sorted(marks.items())),
            "unreadable": {each.picture.path: each.reason for each in self.unreadable},
            "nearest_neighbour": [asdict(each) for each in self.accuracies],
            "given_manifest": {
                column: {
                    "found": len(each.both),
                    "missed": sorted(each.theirs),
                    "beyond": len(each.ours),
                    "recall": round(each.recall, 4),
                }
                for column, each in self.given.items()
            },
        }
