"""Drawn scores of a detector, in the shape of a run's: five folds, and a part without each source."""

from dataclasses import replace

import numpy as np

from classifier.assessability import KINDS
from training.evaluation.detector.held_out import MARKS
from training.evaluation.detector.run_scores import joined
from training.evaluation.detector.scores import Altered, Candidates, DetectorScores
from training.fitting.detection.splits import WITHOUT_FRACATLAS, WITHOUT_MULTI_REGION

CHANGES = ("marker", "rim", "crop", "rescale")


def drawn_detector(
    pictures: int = 600, strength: float = 4.0, unseen: float = 2.0, seed: int = 5
) -> DetectorScores:
    """``pictures`` of FracAtlas, a fifth of them of ``boxes`` and of multi-region; two pictures a group.

    ``strength`` parts broken from healthy in the folds, ``unseen`` in the parts without a source.
    """
    few = pictures // 5
    parts = []
    for collection, count, without in (
        ("fracatlas", pictures, WITHOUT_FRACATLAS),
        ("boxes", few, ""),
        ("multi-region", few, WITHOUT_MULTI_REGION),
    ):
        rng = np.random.default_rng([seed, count, len(collection)])
        folds = _folds(collection, count, strength, rng)
        parts.append(folds)
        if without:
            parts.append(
                replace(
                    folds,
                    splits=np.full(count, without),
                    fracture=_fracture(folds.labels, unseen, rng),
                )
            )
    return _with_changes(_joined(parts))


def _folds(
    collection: str, count: int, strength: float, rng: np.random.Generator
) -> DetectorScores:
    number = np.arange(count)
    labels = (rng.random(count) < 0.3).astype(int)
    if collection == "boxes":
        labels = np.ones(count, int)
    boxed = (labels == 1) & (collection != "multi-region")
    boxes = np.zeros((count, 3), int)
    boxes[number, rng.integers(0, 3, count)] = boxed * rng.integers(1, 3, count)
    kinds = rng.normal(0, 1, (count, len(KINDS)))
    kinds[:, 0] += 6
    marks = {name: np.zeros(count, bool) for name in MARKS}
    if collection == "fracatlas":
        for at, name in enumerate(("hand", "leg", "shoulder", "hip")):
            marks[name] = number % 4 == at
        marks["hardware"], marks["frontal"] = number % 20 == 0, number % 2 == 0
    small = (number % 3 == 0)[:, None]
    groups = np.array([f"{collection} {at // 2:04d}" for at in number])
    return DetectorScores(
        np.array([f"repeat-0-fold-{at // 2 % 5}" for at in number]),
        np.array([f"{collection[0]}{at:015x}" for at in number]),
        np.full(count, collection),
        groups,
        np.array([f"{collection} {at}" for at in number]),
        np.ones(count, bool),
        labels,
        np.where(small, 224, 400) * np.ones((count, 2), int),
        _fracture(labels, strength, rng),
        kinds.round(4),
        np.where(boxed, (rng.random(count) < 0.8).astype(int), -1),
        boxes,
        marks,
        _candidates(boxes, labels, rng) if collection != "multi-region" else Candidates.none(),
        Altered.none(),
    )


def _fracture(labels: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    return (rng.normal(0, 1, len(labels)) + strength * (labels - 0.5)).round(4)


def _candidates(boxes: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Candidates:
    """Three a picture; a picture's own true boxes are found by its best ones in most cases."""
    rows = []
    for picture, true in enumerate(boxes):
        if labels[picture] and not true.sum():
            continue
        heats = np.sort(rng.normal(-2, 1, 3) + 2 * (labels[picture] == 1))[::-1]
        for rank, heat in enumerate(heats):
            hit = rank < true.sum() and rng.random() < 0.7
            size = int(true.argmax()) if hit else -1
            overlap = rng.uniform(0.2, 0.9) if hit else 0.0
            rows.append((picture, rank, heat, rank if hit else -1, overlap, size))
    pictures, ranks, heats, hits, overlaps, sizes = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Candidates(pictures, ranks, heats.round(4), hits, overlaps.round(4), sizes)


def _joined(parts: list[DetectorScores]) -> DetectorScores:
    found = parts[0]
    for part in parts[1:]:
        found = joined(found, part)
    return found


def _with_changes(scores: DetectorScores) -> DetectorScores:
    rng = np.random.default_rng(9)
    rows = np.flatnonzero(
        (scores.splits == "repeat-0-fold-0") & (scores.collections == "fracatlas")
    )
    rows = rows[:100]
    noise = rng.normal(0, 0.1, (len(CHANGES), len(rows)))
    return replace(scores, altered=Altered(rows, CHANGES, (scores.fracture[rows] + noise).round(4)))
