"""Pictures of the same radiograph: turned, mirrored, stretched, cropped, or beside another picture.

Candidates are near by the frozen network's features in any of eight orientations. Aligning the two decides
what they are (``training.audit.registration``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import torch
from tqdm import tqdm

from training.audit.registration import INLIERS, View, overlap_of, square_view, view_of
from training.audit.store import Arrays, Store
from training.audit.traits import Trait

DETAIL = 0.5  # lowest agreement of twins: on the known data twins have 0.56 to 1, others up to 0.47
_NEAREST = 30  # candidates of each picture
_NEAR = 3  # of these, candidates that are also compared as squares if their shapes differ
_APART = 1.6  # ratio of the two aspect ratios from which shapes differ
_PART = 0.6  # share of a picture from which the common part counts as the whole picture
_TOGETHER = 500  # pairs in a stored file
_VERSION = 3  # of the stored arrays; raise it when the code that computes them changes
Views = Callable[[int], View]


@dataclass(frozen=True)
class Pair:
    """Two pictures, by their indexes in the list of traits, ``first`` < ``second``.

    ``detail``: the correlation of their fine detail, −1..1. ``exact``: the files have the same bytes.
    ``whole``: the index of the picture that shows clearly more, if the other one is nearly a part of it.
    """

    first: int
    second: int
    detail: float
    exact: bool = False
    whole: int | None = None


def find_twins(traits: list[Trait], store: Store, progress: bool) -> list[Pair]:
    """All pairs of twins, ordered by their indexes."""
    same = _same_files(traits)
    candidates = [places for places in nearest(traits, _NEAREST) if places not in same]
    stretched = _stretched(traits)
    views = [view_of(trait.small, trait.keypoints) for trait in traits]
    squares = lru_cache(4096)(lambda index: square_view(traits[index].small))
    found = [Pair(first, second, 1.0, exact=True) for first, second in sorted(same)]
    bar = tqdm(total=len(candidates), desc="comparing", unit="pair", disable=not progress)
    with bar:
        for start in range(0, len(candidates), _TOGETHER):
            part = candidates[start : start + _TOGETHER]
            hashes = [[*(traits[at].sha256 for at in pair), pair in stretched] for pair in part]
            compare = partial(_compare, part, views.__getitem__, squares, stretched)
            held = store.get("pairs", [_VERSION, INLIERS, hashes], compare)
            for pair, overlap in zip(part, held["overlaps"], strict=True):
                if overlap[0] >= DETAIL:
                    found.append(_pair(pair, *map(float, overlap)))
            bar.update(len(part))
    return sorted(found, key=lambda pair: (pair.first, pair.second))


def nearest(traits: list[Trait], count: int) -> list[tuple[int, int]]:
    """Pairs in which one is among the ``count`` nearest of the other, in any orientation."""
    if len(traits) < 2:
        return []
    features = torch.from_numpy(np.stack([trait.oriented for trait in traits])).float()
    features = torch.nn.functional.normalize(features - features.mean((0, 1)), dim=-1)
    pairs = set()
    for index in range(len(traits)):
        near = (
            (features.view(-1, features.shape[-1]) @ features[index, 0])
            .view(len(traits), -1)
            .amax(1)
        )
        near[index] = -2
        for other in near.topk(min(count, len(traits) - 1)).indices.tolist():
            pairs.add((min(index, other), max(index, other)))
    return sorted(pairs)


def _same_files(traits: list[Trait]) -> set[tuple[int, int]]:
    places: dict[str, list[int]] = {}
    for index, trait in enumerate(traits):
        places.setdefault(trait.sha256, []).append(index)
    return {
        (first, second)
        for where in places.values()
        for at, first in enumerate(where)
        for second in where[at + 1 :]
    }


def _stretched(traits: list[Trait]) -> set[tuple[int, int]]:
    """The nearest pairs whose aspect ratios differ much."""
    long = [max(trait.small.shape) / min(trait.small.shape) for trait in traits]
    return {
        (first, second)
        for first, second in nearest(traits, _NEAR)
        if max(long[first], long[second]) > _APART * min(long[first], long[second])
    }


def _pair(pair: tuple[int, int], detail: float, one: float, other: float) -> Pair:
    whole = None
    if max(one, other) >= _PART > min(one, other):
        whole = pair[0] if one < other else pair[1]
    return Pair(*pair, detail, whole=whole)


def _compare(
    pairs: list[tuple[int, int]],
    views: Views,
    squares: Views,
    stretched: set[tuple[int, int]],
) -> Arrays:
    """``overlaps`` (P, 3) of each pair: as it is and, if that fails, as squares."""
    overlaps = []
    for pair in pairs:
        overlap = overlap_of(*map(views, pair))
        if overlap.detail < DETAIL and pair in stretched:
            overlap = max(overlap, overlap_of(*map(squares, pair)))
        overlaps.append(overlap)
    return {"overlaps": np.array(overlaps, np.float32).reshape(-1, 3)}
