"""Drawn scores that know something, in the shape of a run's."""

from dataclasses import replace

import numpy as np

from classifier.assessability import KINDS
from tests.training.evaluation.external.tables import drawn_elsewhere
from training.evaluation.classifier_scores import ClassifierScores
from training.evaluation.conflicts import Conflicts
from training.evaluation.deletion import Deletion
from training.evaluation.scores import RunScores


def drawn_scores(
    pictures: int = 600, strength: float = 1.5, seed: int = 0, repeats: int = 1
) -> ClassifierScores:
    """Two pictures a group, five folds of whole groups; a picture's scores differ by repeat."""
    rng = np.random.default_rng(seed)
    number = np.tile(np.arange(pictures), repeats)
    labels = np.tile(rng.integers(0, 10, pictures), repeats)
    logits = rng.normal(0, 1.3, (len(number), 10))
    logits[np.arange(len(number)), labels] += strength
    repeat = np.repeat(np.arange(repeats), pictures)
    return ClassifierScores(
        np.array([f"{each:016x}" for each in number]),
        np.array([f"g{each:04d}" for each in number // 2]),
        repeat,
        (number // 2 + repeat) % 5,
        labels,
        number % 7 == 0,
        np.stack([200 + number, 300 + 0 * number], 1),
        logits,
        _kinds(np.zeros(len(number), int), rng),
        np.array([]),
    )


def drawn_bones(pictures: int = 400, strength: float = 3.0, seed: int = 1) -> ClassifierScores:
    rng = np.random.default_rng(seed)
    scores = drawn_scores(pictures, seed=seed)
    labels = rng.integers(0, 2, pictures)
    return replace(
        scores,
        labels=labels,
        logits=np.zeros((0, 10)),
        fracture=rng.normal(0, 1.5, pictures) + strength * (labels - 0.5),
    )


def drawn_run(seed: int = 0, repeats: int = 1) -> RunScores:
    rng = np.random.default_rng(seed)
    types, bones = drawn_scores(seed=seed, repeats=repeats), drawn_bones(seed=seed + 1)
    non_radiographs = drawn_scores(200, seed=seed + 2)
    labels = rng.integers(1, len(KINDS), 200)
    non_radiographs = replace(
        non_radiographs, labels=labels, kinds=_kinds(labels, rng), logits=np.zeros((0, 10))
    )
    external_test = drawn_bones(40, seed=seed + 3)
    keep = np.arange(len(types)) < 140
    shipped = replace(types.where(keep), kinds=np.zeros((0, len(KINDS))))
    return RunScores(
        *(types, shipped, bones, non_radiographs, external_test),
        *(drawn_deletion(seed), drawn_elsewhere(200)),
        conflicts=drawn_conflicts(seed=seed, repeats=repeats),
    )


def drawn_conflicts(pictures: int = 30, seed: int = 0, repeats: int = 1) -> Conflicts:
    """Two pictures a group. The true type and another one; the scores know the true one a little."""
    scores = drawn_scores(pictures, seed=seed + 100, repeats=repeats)
    labels = np.zeros((len(scores), 10), bool)
    for other in (0, 1 + np.arange(len(scores)) % pictures % 9):
        labels[np.arange(len(scores)), (scores.labels + other) % 10] = True
    ids = np.array([f"c{each[1:]}" for each in scores.ids])
    groups = np.array([f"c{each}" for each in scores.groups])
    return Conflicts(ids, groups, scores.repeats, scores.folds, labels, scores.logits)


def drawn_deletion(seed: int = 0, pictures: int = 80) -> Deletion:
    """Hiding by the map halves the probability; hiding by chance takes a fifth."""
    rng = np.random.default_rng(seed)
    start, steps = rng.uniform(0.3, 0.9, (pictures, 1)), np.linspace(0, 1, 5)
    names = np.array([f"{each:016x}" for each in range(pictures)])
    return Deletion(names, names, start * (1 - 0.5 * steps), start * (1 - 0.2 * steps))


def _kinds(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    scores = rng.normal(0, 1, (len(labels), len(KINDS)))
    scores[np.arange(len(labels)), labels] += 5
    return scores
