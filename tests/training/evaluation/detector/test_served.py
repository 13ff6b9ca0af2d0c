"""The boxes that a page shows, counted one by one."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.boxes import BoxRule
from tests.training.evaluation.detector.tables import drawn_detector
from training.evaluation.detector.calibration import cross_called, cross_told, fit_boxes
from training.evaluation.detector.figures import detector_figures
from training.evaluation.detector.served import served_figures

DRAWN = (0, 20)


@pytest.fixture(scope="module")
def folds():
    return drawn_detector(strength=2.0).of("fracatlas")


@pytest.fixture(scope="module")
def calls(folds):
    return cross_called(folds)[1]


@pytest.fixture(scope="module")
def figures(folds, calls):
    return served_figures(folds, calls, DRAWN)


def rule_without(folds, part):
    rest = fit_boxes(folds.where(folds.splits != part))
    return BoxRule(**{name: number for name, number in rest.items() if name != "method"})


def shown(folds, calls, keep):
    """Candidate numbers of each picture of ``keep``, as a page would show them."""
    rules = {part: rule_without(folds, part) for part in np.unique(folds.splits)}
    found = folds.candidates
    for picture in np.flatnonzero(keep & (calls >= 0)):
        rule = rules[folds.splits[picture]]
        yield (
            picture,
            [
                number
                for number in np.flatnonzero(found.pictures == picture)
                if found.ranks[number] == 0
                or round(float(rule.probability(found.heats[number])), 4) >= rule.score_from
            ],
        )


@pytest.mark.parametrize(("name", "lowest", "highest"), [("positive", 1, 1), ("both", 0, 1)])
def test_the_figures_are_those_of_counting_the_boxes_that_are_shown(
    folds, calls, figures, name, lowest, highest
):
    found = folds.candidates
    keep = (calls >= lowest) & (calls <= highest)
    pictures = list(shown(folds, calls, keep))
    first = [found.hits[numbers[0]] >= 0 for _, numbers in pictures]
    further = [found.hits[number] >= 0 for _, numbers in pictures for number in numbers[1:]]
    breaks = {
        (picture, found.hits[number])
        for picture, numbers in pictures
        for number in numbers
        if found.hits[number] >= 0
    }
    false = [sum(found.hits[number] < 0 for number in numbers) for _, numbers in pictures]
    healthy = [
        count
        for (picture, _), count in zip(pictures, false, strict=True)
        if not folds.labels[picture]
    ]
    told = figures[name]
    assert (told["pictures"], told["boxes"]) == (len(pictures), len(first) + len(further))
    assert further  # or nothing below is tried
    for key, value in (
        ("first_right", np.mean(first)),
        ("further_right", np.mean(further)),
        ("found", len(breaks) / folds.boxes.sum()),
        ("false", np.mean(false)),
        ("false_healthy", np.mean(healthy)),
    ):
        assert told[key]["value"] == pytest.approx(value, abs=1e-6), key


def test_a_cold_best_box_is_shown_and_a_negative_picture_has_none(folds):
    cold = replace(folds, candidates=replace(folds.candidates, heats=folds.candidates.heats - 40))
    calls = np.where(np.arange(len(folds)) % 2 == 0, 0, -1)
    told = cross_told(cold, calls)
    pictures, ranks = cold.candidates.pictures, cold.candidates.ranks
    assert (calls[pictures[told]] == 0).all()
    best = (ranks == 0) & (calls[pictures] == 0)
    assert told[best].all()


def test_the_score_of_a_fold_s_further_boxes_does_not_see_the_fold(folds, calls):
    here = folds.splits[folds.candidates.pictures] == "repeat-0-fold-2"
    turned = np.where(here, np.where(folds.candidates.hits < 0, 0, -1), folds.candidates.hits)
    other = replace(folds, candidates=replace(folds.candidates, hits=turned))
    before, after = cross_told(folds, calls), cross_told(other, calls)
    assert np.array_equal(before[here], after[here])
    assert not np.array_equal(before[~here], after[~here])


def test_a_second_box_on_a_break_finds_it_once(folds):
    """All boxes of a picture on its first break: of all breaks no more than one a picture is found."""
    one = replace(
        folds,
        boxes=np.minimum(folds.boxes, 1),
        candidates=replace(folds.candidates, hits=np.zeros(len(folds.candidates), int)),
    )
    found = served_figures(one, np.ones(len(folds), int), DRAWN)["positive"]
    pictures = len(np.unique(one.candidates.pictures))
    assert found["found"]["value"] == pytest.approx(pictures / one.boxes.sum(), abs=1e-6)
    assert found["false"]["value"] == 0


def test_the_figures_are_in_a_manifest_and_none_where_nobody_drew_a_box(folds):
    told = detector_figures(folds, 0.0, *DRAWN)["fracatlas"]["served"]
    assert set(told) == {"positive", "doubt", "both"}
    assert told["positive"]["boxes"] + told["doubt"]["boxes"] == told["both"]["boxes"]
    assert (
        served_figures(replace(folds, boxes=0 * folds.boxes), cross_called(folds)[1], DRAWN) is None
    )
