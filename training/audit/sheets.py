"""The contact sheets of the audit's page: leaked pairs, conflicts, twins, drawn marks."""

from pathlib import PurePosixPath

from training.audit.groups import Entry
from training.audit.manifest import Paths
from training.audit.twins import Pair
from training.page.frame import folded, paragraph
from training.page.pictures import Shown, figure, sheet

MOST = 120  # figures on a sheet; the manifest lists all


def leaked_pairs(entries: list[Entry], pairs: list[Pair]) -> list[tuple[Entry, Entry, float]]:
    """Each held-out picture with a twin in Train, this twin, and the agreement of their detail.

    If they are connected only through a third picture, the agreement is 0.
    """
    in_train = [entry.trait.picture.split == "Train" for entry in entries]
    ways: dict[int, dict[int, float]] = {
        at: {} for at, other_entry in enumerate(entries) if other_entry.leaked
    }
    for at, found in ways.items():
        same = (other for other, twin in enumerate(entries) if twin.dup == entries[at].dup)
        found.update({other: 0.0 for other in same if in_train[other]})
    for pair in pairs:
        for here, there in ((pair.first, pair.second), (pair.second, pair.first)):
            if here in ways and in_train[there]:
                ways[here][there] = pair.detail
    best = {at: max(found, key=found.__getitem__) for at, found in ways.items()}
    return [(entries[at], entries[twin], ways[at][twin]) for at, twin in best.items()]


def leak_sheet(entries: list[Entry], pairs: list[Pair]) -> str:
    """Held-out pictures beside their twins in Train."""
    found = leaked_pairs(entries, pairs)
    figures = [
        figure([_shown(held), _shown(twin)], _agreement(detail)) for held, twin, detail in found
    ]
    return _cut(figures, "leaked pairs")


def conflict_sheet(entries: list[Entry]) -> str:
    """Radiographs that are filed under more than one class, with all their copies."""
    figures = []
    for dup in sorted({entry.dup for entry in entries if entry.conflict}):
        those = [entry for entry in entries if entry.dup == dup]
        figures.append(
            figure([_shown(entry) for entry in those], " or ".join(_labels(those)) + "?")
        )
    return _cut(figures, "contradictions")


def mark_sheet(entries: list[Entry], kind: str) -> str:
    """Pictures with marks of one type."""
    those = [entry for entry in entries if kind in entry.trait.marks]
    return _cut([figure([_shown(entry)]) for entry in those], "pictures", narrow=True)


def pair_sheet(entries: list[Entry], paths: list[Paths]) -> str:
    """Pairs of paths."""
    by_path = {entry.trait.picture.path: entry for entry in entries}
    figures = [figure([_shown(by_path[path]) for path in pair]) for pair in paths]
    return _cut(figures, "pairs")


def twin_sheet(entries: list[Entry], pairs: list[Pair]) -> str:
    """All twins; the least certain ones, where a mistake is most likely, come first."""
    ordered = sorted((pair for pair in pairs if not pair.exact), key=lambda pair: pair.detail)
    figures = [
        figure([_shown(entries[pair.first]), _shown(entries[pair.second])], _agreement(pair.detail))
        for pair in ordered
    ]
    return (
        folded("Show the twins, the least certain first", _cut(figures, "pairs")) if figures else ""
    )


def _cut(figures: list[str], what: str, narrow: bool = False) -> str:
    rest = len(figures) - MOST
    note = paragraph(f"{rest:,} more {what} are in manifest.csv.", quiet=True) if rest > 0 else ""
    return sheet(figures[:MOST], narrow) + note


def _shown(entry: Entry) -> Shown:
    picture = entry.trait.picture
    where = f"{picture.label} · {picture.split}" if picture.split else picture.label
    return Shown(entry.trait.small, (where, _short(PurePosixPath(picture.path).name)))


def _labels(entries: list[Entry]) -> list[str]:
    return sorted({entry.trait.picture.label for entry in entries})


def _agreement(detail: float) -> str:
    return f"Detail agrees to {detail:.2f}" if detail else "Twins by way of a third picture"


def _short(name: str, longest: int = 34) -> str:
    return name if len(name) <= longest else f"{name[: longest - 12]}…{name[-11:]}"
