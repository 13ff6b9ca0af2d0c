"""What follows from twins and kin: one id for each radiograph, one group for what must not be split."""

from dataclasses import dataclass

from training.audit.kin import find_kin
from training.audit.traits import Trait
from training.audit.twins import Pair
from training.datasets.union_find import UnionFind


@dataclass(frozen=True)
class Entry:
    """One readable picture.

    ``dup``: the same for pictures of one radiograph. ``group``: the same for twins and for panels of one
    figure. ``conflict``: its radiograph lies in several classes. ``leaked``: it lies outside Train, and a
    twin, a panel or a whole of it lies in Train. ``keep``: one picture of each radiograph without a conflict.
    """

    trait: Trait
    dup: str
    group: str
    conflict: bool
    leaked: bool
    keep: bool


def grouped(traits: list[Trait], pairs: list[Pair]) -> list[Entry]:
    """One entry for each trait, in their order."""
    dups = _radiographs(len(traits), pairs)
    kin = find_kin([trait.picture.path for trait in traits])
    groups = components(len(traits), [*_places(pairs), *kin])
    together: dict[int, list[Trait]] = {}
    for trait, dup in zip(traits, dups, strict=True):
        together.setdefault(dup, []).append(trait)
    leaked = _leaked(traits, dups, pairs)
    entries = []
    for at, (trait, dup, group) in enumerate(zip(traits, dups, groups, strict=True)):
        conflict = len({twin.picture.label for twin in together[dup]}) > 1
        keep = not conflict and trait is max(together[dup], key=_worth)
        entries.append(Entry(trait, f"d{dup:05d}", f"g{group:05d}", conflict, at in leaked, keep))
    return entries


def _places(pairs: list[Pair]) -> list[tuple[int, int]]:
    return [(pair.first, pair.second) for pair in pairs]


def _radiographs(count: int, pairs: list[Pair]) -> list[int]:
    """The radiograph of each picture. Twins are joined, and a part with its whole.

    The different panels of one figure are not joined. A figure is a whole whose parts are connected only by
    the figure itself.
    """
    plain = _places([pair for pair in pairs if pair.whole is None])
    dups = components(count, plain)
    parts: dict[int, set[int]] = {}
    for pair in pairs:
        if pair.whole is not None:
            parts.setdefault(dups[pair.whole], set()).add(pair.first + pair.second - pair.whole)
    crops = []
    for whole, those in parts.items():
        others = [
            place for place in _places(pairs) if whole not in (dups[place[0]], dups[place[1]])
        ]
        apart = components(count, others)
        if len({apart[part] for part in those}) == 1:
            crops += [(whole, part) for part in those]
    return components(count, plain + crops)


def _leaked(traits: list[Trait], dups: list[int], pairs: list[Pair]) -> set[int]:
    """Indexes of the pictures outside Train whose radiograph is in Train too."""
    in_train = {
        dup for dup, trait in zip(dups, traits, strict=True) if trait.picture.split == "Train"
    }
    leaked = {at for at, dup in enumerate(dups) if dup in in_train}
    for first, second in _places(pairs):
        for here, there in ((first, second), (second, first)):
            if traits[there].picture.split == "Train":
                leaked.add(here)
    return {at for at in leaked if traits[at].picture.split in ("Test", "Val")}


def components(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    """For each of ``count`` places: the smallest place that pairs connect it with."""
    sets = UnionFind[int]()
    for first, second in pairs:
        sets.union_smallest(first, second)
    return [sets.find(place) for place in range(count)]


def _worth(trait: Trait) -> tuple[bool, int]:
    """No drawn marks first, then the most pixels. ``max`` takes the first of equal ones."""
    return (not trait.marks, trait.area)
