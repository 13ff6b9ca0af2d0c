"""The figures of the four coarse groups, against scikit-learn, and what the card tells of them."""

from dataclasses import fields, replace

import numpy as np
import pytest
from sklearn import metrics as reference

from classifier.labels import CLASSES
from tests.training.evaluation.score_tables import drawn_run, drawn_scores
from training.evaluation.calibration import cross_fitted
from training.evaluation.coarse_groups import COARSE
from training.evaluation.evaluate import evaluate
from training.evaluation.figures.coarse import coarse_figures
from training.publishing.card.coarse_groups import coarse_section
from training.publishing.figure_labels import both, value
from training.publishing.plots import plots

# Written out again: the order of CLASSES.
GROUP_OF = [2, 0, 2, 1, 1, 0, 0, 0, 3, 0]


@pytest.fixture(scope="module")
def scores():
    return drawn_scores(repeats=2)


@pytest.fixture(scope="module")
def figures(scores):
    return coarse_figures(scores, 0, 100)


@pytest.fixture(scope="module")
def said(scores):
    """The true group and the most probable one of every picture, each of the two repeats."""
    probabilities, _ = cross_fitted(scores)
    sums = np.zeros((len(scores), 4))
    for label, group in enumerate(GROUP_OF):
        sums[:, group] += probabilities[:, label]
    every = np.array(GROUP_OF)[scores.labels], sums.argmax(1)
    return [tuple(column[scores.repeats == repeat] for column in every) for repeat in (0, 1)]


def test_accuracy_and_macro_f1_are_scikit_learns_mean_of_the_repeats(figures, said):
    accuracy = np.mean([reference.accuracy_score(*pair) for pair in said])
    f1 = np.mean([reference.f1_score(*pair, average="macro") for pair in said])
    assert figures["accuracy"]["value"] == pytest.approx(accuracy, abs=1e-6)
    assert figures["macro_f1"]["value"] == pytest.approx(f1, abs=1e-6)


def test_each_group_has_scikit_learns_precision_recall_and_f1(figures, said):
    expected = np.mean(
        [reference.precision_recall_fscore_support(*pair)[:3] for pair in said], axis=0
    )
    assert list(figures["classes"]) == list(COARSE)
    for at, group in enumerate(figures["classes"].values()):
        found = [group[name]["value"] for name in ("precision", "recall", "f1")]
        assert found == pytest.approx(expected[:, at], abs=1e-6)
        assert group["pictures"] == (said[0][0] == at).sum()


def test_the_confusion_is_four_by_four_and_the_mean_of_the_repeats(figures, said):
    expected = np.mean([reference.confusion_matrix(*pair) for pair in said], axis=0)
    assert np.allclose(figures["confusion"], expected)
    assert np.shape(figures["confusion_intervals"]["low"]) == (4, 4)


def test_every_figure_lies_in_its_interval(figures):
    for part in (figures, *figures["classes"].values()):
        for name in part.keys() & {"accuracy", "macro_f1", "precision", "recall", "f1"}:
            low, high = part[name]["interval"]
            assert low < part[name]["value"] < high, name


def test_twins_widen_the_interval():
    single = drawn_scores(200)
    columns = {field.name: np.repeat(getattr(single, field.name), 3, 0) for field in fields(single)}
    twins = replace(single, **columns)
    alone = replace(twins, groups=np.arange(len(twins)).astype(str))

    def width(scores):
        low, high = coarse_figures(scores, 0, 200)["accuracy"]["interval"]
        return high - low

    assert width(twins) > 1.2 * width(alone)


def test_a_resample_without_a_group_says_nothing_of_it(scores):
    """One pathological picture of one group: in a third of the resamples there is none."""
    keep = (scores.labels != CLASSES.index("pathological")) | (scores.ids == scores.ids[0])
    few = scores.where(keep)
    few.labels[few.ids == scores.ids[0]] = CLASSES.index("pathological")
    found = coarse_figures(few, 0, 100)
    assert 0 <= found["classes"]["pathological"]["recall"]["value"] <= 1
    assert found["macro_f1"]["interval"][0] > 0


def test_the_card_tells_the_groups_and_a_release_without_them_says_nothing():
    metrics = evaluate(drawn_run(), resamples=50)
    told, coarse = coarse_section(metrics), metrics["coarse"]
    assert f"| accuracy of the four coarse groups | {value('', coarse['accuracy'])} |" in told
    for name, group in coarse["classes"].items():
        assert f"| {name} | {group['pictures']} | {both('', group['precision'])} |" in told
    assert told.count("plot_coarse.svg") == 1
    del metrics["coarse"]
    assert coarse_section(metrics) == ""
    assert "coarse" not in plots(metrics)
