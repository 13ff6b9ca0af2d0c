"""The free-response ROC (FROC): candidates by falling heat, sorted once for many vectors of weights."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from training.evaluation.detector.outcomes import SIZES
from training.evaluation.detector.scores import DetectorScores


@dataclass(frozen=True)
class RankedCandidates:
    """M candidates of N pictures; the hottest comes first.

    ``first`` (M,) bool: finds a true box that no better candidate has found. ``false`` (M,) bool: lies on no
    box. A candidate that finds a box again is neither. ``ends`` (M,): the last candidate with the same heat.
    ``boxes`` (N, 3): number of true boxes of each size class.
    """

    pictures: np.ndarray
    heats: np.ndarray
    first: np.ndarray
    false: np.ndarray
    overlaps: np.ndarray
    sizes: np.ndarray
    ends: np.ndarray
    boxes: np.ndarray

    @classmethod
    def of(cls, scores: DetectorScores) -> Self:
        candidates = scores.candidates
        order = np.lexsort((candidates.ranks, candidates.pictures, -candidates.heats))
        found = candidates.where(order)
        pairs = np.stack([found.pictures, found.hits], 1).reshape(-1, 2)
        first = np.zeros(len(found), bool)
        first[np.unique(pairs, axis=0, return_index=True)[1]] = True
        ends = np.searchsorted(-found.heats, -found.heats, "right") - 1
        return cls(
            found.pictures,
            found.heats,
            first & (found.hits >= 0),
            found.hits < 0,
            found.overlaps,
            found.sizes,
            ends,
            scores.boxes,
        )

    def curve(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N,) weights of pictures → false boxes per picture (M + 1,), share of true boxes found (M + 1,)."""
        of_candidates, all_boxes = weights[self.pictures], float((weights @ self.boxes).sum())
        false = np.cumsum(of_candidates * self.false)[self.ends] / weights.sum()
        found = np.cumsum(of_candidates * self.first)[self.ends] / max(all_boxes, 1e-12)
        return np.concatenate([[0.0], false]), np.concatenate([[0.0], found])

    def taken(self, weights: np.ndarray, false_boxes: float) -> int:
        """How many candidates, hottest first, give at most this number of false boxes per picture."""
        false, _ = self.curve(weights)
        return int(np.searchsorted(false, false_boxes, "right")) - 1

    def heat_at(self, weights: np.ndarray, false_boxes: float) -> float:
        """The heat of the last one of these candidates; 0 if there is none."""
        taken = self.taken(weights, false_boxes)
        return float(self.heats[taken - 1]) if taken else 0.0

    def by_size(self, weights: np.ndarray, false_boxes: float) -> dict[str, float]:
        """The share of the boxes of each size class that these candidates find; a class without boxes
        is left out.
        """
        taken = self.taken(weights, false_boxes)
        hit = self.first[:taken]
        of_candidates = weights[self.pictures[:taken]][hit]
        found = np.bincount(self.sizes[:taken][hit], of_candidates, minlength=len(SIZES))
        there = weights @ self.boxes
        return {
            name: float(found[index] / there[index])
            for index, name in enumerate(SIZES)
            if there[index]
        }

    def mean_overlap(self, weights: np.ndarray, false_boxes: float) -> float | None:
        """Mean intersection over union of the boxes that find a fracture; None if none does."""
        taken = self.taken(weights, false_boxes)
        of_candidates = weights[self.pictures[:taken]] * self.first[:taken]
        if not of_candidates.any():
            return None
        return float(np.average(self.overlaps[:taken], weights=of_candidates))
