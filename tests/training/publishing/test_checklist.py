"""What the model card answers of the checklist for artificial intelligence in medical imaging."""

import re

import numpy as np
import pytest

from classifier.labels import CLASSES
from classifier.release import load_release
from training.publishing.card.checklist import checklist
from training.publishing.card.model_card import model_card


@pytest.fixture
def manifest(trained):
    return load_release(trained.releases / "drawn-0.1.0").manifest


def test_every_section_that_it_points_to_is_in_the_card(manifest):
    named = re.findall(r"\*([A-Z][^*]+)\*", checklist(manifest))
    headings = re.findall(r"^## (.+)$", model_card(manifest), re.MULTILINE)
    assert {"Intended use", "Network", "Data", "Limits"} <= set(named)
    assert all(any(heading.startswith(name) for heading in headings) for name in named)


def test_the_most_frequent_mistakes_come_first_by_name(manifest):
    matrix = 10 * np.eye(len(CLASSES))
    matrix[CLASSES.index("greenstick"), CLASSES.index("fracture_dislocation")] = 30
    matrix[CLASSES.index("spiral"), CLASSES.index("oblique")] = 10
    bounds = {"low": np.full((10, 10), 0.25), "high": np.full((10, 10), 0.875)}
    manifest["metrics"]["types"] |= {"confusion": matrix, "confusion_intervals": bounds}
    assert (
        "confusions: greenstick called fracture dislocation (75.0\u00a0%\u00a0(25.0–87.5) of them), "
        "spiral called oblique (50.0\u00a0%\u00a0(25.0–87.5) of them) |" in checklist(manifest)
    )


def test_a_release_without_an_outside_set_says_so(manifest):
    del manifest["metrics"]["fracture"]["outside"]
    assert "| External data | none |" in checklist(manifest)
