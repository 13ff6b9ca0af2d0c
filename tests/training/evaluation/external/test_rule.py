"""When a release's fracture call may be used."""

import pytest

from tests.training.evaluation.external.tables import drawn_elsewhere
from training.evaluation.external.figures import external_figures
from training.evaluation.external.rule import GROUPS, PICTURES, call_usability


def measured(**changes):
    """Figures that may be used, with what ``changes`` says."""

    def figure(value, low, high):
        return {"value": value, "interval": [low, high]}

    return {
        "collection": "fracatlas",
        "pictures": 2000,
        "fractured": 600,
        "groups": 100,
        "auroc": figure(0.9, 0.85, 0.95),
        "sensitivity_not_negative": figure(0.95, 0.9, 0.98),
        "specificity_positive": figure(0.95, 0.9, 0.98),
        "refused": figure(0.03, 0.02, 0.04),
        **{
            key: figure(*value) if isinstance(value, tuple) else value
            for key, value in changes.items()
        },
    }


def test_a_release_that_was_not_measured_elsewhere_is_not_usable():
    found = call_usability(None)
    assert found["usable"] is False
    assert "not measured" in found["usable_reason"]


def test_a_release_that_is_good_elsewhere_is_usable_and_says_how_good():
    found = call_usability(measured())
    assert found["usable"] is True
    assert "0.900 (95 % interval 0.850 to 0.950)" in found["usable_reason"]


@pytest.mark.parametrize(
    ("figure", "value", "said"),
    [
        # The value is above its bound: the worse end of the interval counts.
        ("auroc", (0.84, 0.799, 0.88), "AUROC"),
        ("sensitivity_not_negative", (0.9, 0.849, 0.95), "not called negative"),
        ("specificity_positive", (0.9, 0.849, 0.95), "not called positive"),
        ("refused", (0.08, 0.06, 0.101), "refuses"),
    ],
)
def test_one_bad_figure_is_enough_and_is_named_with_its_interval(figure, value, said):
    found = call_usability(measured(**{figure: value}))
    assert found["usable"] is False
    assert said in found["usable_reason"]
    assert (
        f"{value[0]:.3f} (95 % interval {value[1]:.3f} to {value[2]:.3f})" in found["usable_reason"]
    )
    assert found["usable_reason"].count(". ") == 0  # one sentence


@pytest.mark.parametrize(
    "changes",
    [
        {"fractured": PICTURES - 1},
        {"fractured": 2000 - PICTURES + 1},
        {"groups": GROUPS - 1},
    ],
)
def test_a_small_collection_does_not_pass_by_luck(changes):
    found = call_usability(measured(**changes))
    assert found["usable"] is False
    assert "are needed" in found["usable_reason"]


def test_a_release_that_calls_nothing_is_not_usable():
    figures = external_figures(drawn_elsewhere(refused=800), 0, 20)
    assert "sensitivity_not_negative" not in figures
    assert call_usability(figures)["usable"] is False


@pytest.mark.parametrize(("strength", "usable"), [(8.0, True), (0.3, False)])
def test_drawn_scores_pass_when_they_know_something(strength, usable):
    figures = external_figures(drawn_elsewhere(strength=strength), 0, 100)
    assert call_usability(figures)["usable"] is usable
