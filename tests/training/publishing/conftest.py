"""A run with a detector, drawn from made-up scores: its manifest and its card."""

from dataclasses import replace

import pytest

from tests.training.evaluation.detector.tables import drawn_detector
from tests.training.evaluation.score_tables import drawn_run
from training.evaluation.detector.calibration import fit_boxes
from training.evaluation.detector.rule import call_usability
from training.evaluation.evaluate import evaluate
from training.publishing.card.model_card import model_card
from training.publishing.export import fitted
from training.publishing.indications import PROJECTIONS, REGIONS, indications_table

CONFIG = {
    "name": "drawn",
    "version": "3.0.0",
    "members": 2,
    "frozen_blocks": 8,
    "mirrored": True,
    "fracture_epochs": 0,
    "label_sets": False,
    "backbone": "efficientnet-lite0",
    "batch": 24,
    "epochs": 8,
    "learning_rate": 0.002,
    "views": 6,
    "detector": {
        "epochs": 7,
        "batch": 21,
        "views": 5,
        "healthy_views": 4,
        "healthy": 654,
        "learning_rate": 0.003,
        "mirrored": True,
    },
}


COLLECTIONS = ("boxes", "fracatlas", "multi-region")

# 120 frontal hands, of which 30 are broken.
HANDS = [
    {
        **dict.fromkeys((*REGIONS, *PROJECTIONS), 0),
        "hand": 1,
        "frontal": 1,
        "fractured": int(number < 30),
    }
    for number in range(120)
]


@pytest.fixture(scope="module")
def scores():
    return replace(drawn_run(), detector=drawn_detector(1000, strength=3.0))


@pytest.fixture(scope="module")
def manifest(scores):
    metrics = evaluate(scores, resamples=30)
    numbers = fitted(scores)
    numbers["call"] |= call_usability(metrics)
    return {
        "name": "drawn",
        "version": "3.0.0",
        "config": CONFIG,
        "metrics": metrics,
        **numbers,
        "preprocessing": {"size": 288, "stored_size": 320, "low": 0.5, "high": 99.5},
        "detector": {
            "preprocessing": {"size": 448, "stored_size": 512},
            "boxes": fit_boxes(scores.detector),
        },
        "indications": indications_table(HANDS),
        "data": {name: {"pictures": 9, "groups": 3} for name in ("types", "bones", *COLLECTIONS)},
    }


@pytest.fixture(scope="module")
def card(manifest):
    return model_card(manifest)
