"""Pictures that were cut from one figure, found by the names that the exporter Roboflow gave them.

Such a name is ``<source>_jpg.rf.<hash>.jpg``. Panels that somebody cut from one export keep its hash, with
letters removed to tell them apart, so two names with nearly the same hash are kin. Other names can't be
relied upon: IMG0001 and IMG0002 may be two patients.
"""

import re
from collections import defaultdict
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import PurePosixPath

_EXPORTED = re.compile(
    r"^(?P<source>.*?)_(?:jpe?g|png|webp|bmp)\.?(?:rf?\.?)?(?P<hash>[0-9a-f]{8,32})$"
)
_ALIKE = 0.9  # share of the shorter hash's letters that the longer one contains, in order
_START = 4  # letters that both hashes begin with, unless their sources have one name


def find_kin(paths: list[str]) -> list[tuple[int, int]]:
    """Pairs of indexes of paths whose names come from one export."""
    near: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for index, path in enumerate(paths):
        hit = _EXPORTED.match(PurePosixPath(path).stem.lower())
        if hit:
            near["hash " + hit["hash"][:_START]].append((index, hit["hash"]))
            near["source " + hit["source"]].append((index, hit["hash"]))
    return sorted(
        {
            (first, second)
            for those in near.values()
            for (first, one), (second, other) in combinations(those, 2)
            if _alike(one, other)
        }
    )


def _alike(one: str, other: str) -> bool:
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= _ALIKE * min(len(one), len(other))
