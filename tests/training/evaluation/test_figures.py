"""The figures against scikit-learn, the calibration against known truths, and that nothing leaks."""

from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as reference

from classifier.classify import calibrated
from tests.training.evaluation.score_tables import drawn_bones, drawn_run, drawn_scores
from training.errors import TrainingError
from training.evaluation.evaluate import evaluate
from training.evaluation.figures.assessable import assessable_figures
from training.evaluation.figures.bootstrap import group_weights, mean_of_repeats, with_intervals
from training.evaluation.figures.curves import confusion_intervals, coverage_curve
from training.evaluation.figures.types import types_figures
from training.evaluation.metrics import (
    Predictions,
    accuracy_at,
    summary,
)
from training.evaluation.scores import RunScores


@pytest.fixture
def scores():
    return drawn_scores()


@pytest.fixture
def predictions(scores):
    return Predictions(scores.labels, calibrated(scores.logits, 1.0))


@pytest.fixture(scope="module")
def figures():
    return evaluate(drawn_run(), resamples=200)


def test_a_confusions_interval_is_the_bootstraps_of_its_share(predictions, scores):
    bounds = confusion_intervals(predictions, scores.groups, seed=3, resamples=200)
    shares = []
    for weights in group_weights(scores.groups, seed=3, resamples=200):
        matrix = reference.confusion_matrix(
            predictions.labels, predictions.predicted, sample_weight=weights, normalize="true"
        )
        shares.append(matrix)
    low, high = np.percentile(shares, (2.5, 97.5), axis=0)
    spread = low < high  # where all resamples agree, another interval is given
    assert spread.sum() > 50
    assert np.allclose(np.array(bounds["low"])[spread], low[spread], atol=1e-4)
    assert np.allclose(np.array(bounds["high"])[spread], high[spread], atol=1e-4)


@pytest.mark.parametrize(("hits", "value"), [(True, 1), (False, 0)])
def test_all_or_none_of_a_few_is_not_certain(hits, value):
    """Against SciPy's exact interval; twins are one trial, and pictures that the share is not of are none."""
    groups = np.repeat(np.arange(14), 2).astype(str)
    ours = groups.astype(int) < 10
    hit = np.where(ours, hits, not hits)

    def share(weights):
        return {"share": float(weights[ours & hit].sum() / max(weights[ours].sum(), 1))}

    exact = binomtest(10 * value, 10).proportion_ci(0.95, method="exact")
    found = with_intervals(share, groups, 0, 50, {"share": ours})["share"]
    assert found["value"] == value
    assert found["interval"] == pytest.approx([exact.low, exact.high], abs=1e-6)
    assert with_intervals(share, groups, 0, 50)["share"]["interval"] == [value, value]


def test_the_coverage_curve_is_the_accuracy_on_the_surest_and_its_interval(predictions, scores):
    curve = coverage_curve(predictions, scores, seed=3, resamples=200)
    assert [each["coverage"] for each in curve] == pytest.approx(np.arange(1, 21) / 20)
    weights = group_weights(scores.groups, seed=3, resamples=200)
    drawn = [accuracy_at(predictions, each, 0.15) for each in weights]
    assert curve[2]["interval"] == pytest.approx(np.percentile(drawn, (2.5, 97.5)), abs=1e-6)
    for each in curve:
        assert each["interval"][0] <= each["accuracy"] <= each["interval"][1]


def test_a_resample_draws_whole_groups(scores):
    weights = group_weights(scores.groups, seed=1, resamples=20)
    assert weights.shape == (20, 600)
    assert np.array_equal(weights[:, ::2], weights[:, 1::2])
    assert (weights.sum(1) == 600).all()


def test_twins_widen_the_interval():
    """The same pictures as twins hold half the evidence: the interval must say so."""
    single = drawn_scores(300)
    twice = replace(
        single,
        **{each.name: np.repeat(getattr(single, each.name), 2, 0) for each in fields(single)},
    )
    alone = replace(twice, groups=np.arange(600).astype(str))

    def width(scores) -> float:
        low, high = types_figures(scores, 0, 400)["accuracy"]["interval"]
        return high - low

    assert width(twice) > 1.2 * width(alone)


def test_what_is_drawn_and_what_is_not_are_told_apart():
    run = drawn_run()
    names = np.where(np.arange(len(run.non_radiographs)) % 2, "drawn-x", "RG1").astype("U9")
    drawn = names == "drawn-x"
    groups = np.char.add(names, run.non_radiographs.groups)
    # All that is drawn is told from bone at once; the rest looks as bone does.
    kinds = run.non_radiographs.kinds.copy()
    kinds[drawn], kinds[~drawn] = [-9, 9, 0, 0, 0, 0], run.types.kinds[: (~drawn).sum()]
    found = evaluate(
        replace(run, non_radiographs=replace(run.non_radiographs, groups=groups, kinds=kinds)),
        resamples=50,
    )
    parts = found["assessable"]["parts"]
    assert parts["drawn by Callus"]["refused"]["value"] == 1
    assert parts["drawn by Callus"]["auroc"]["value"] == 1
    assert parts["drawn by Callus"]["pictures"] == drawn.sum()
    assert parts["drawn by Callus"]["groups"] == len(np.unique(groups[drawn]))
    assert parts["drawn by Callus"]["refused"]["interval"][0] < 1
    chests = np.mean(run.non_radiographs.labels[drawn] == 1)
    assert parts["drawn by Callus"]["reason"]["value"] == pytest.approx(chests, abs=1e-6)
    for name in (
        "photographs and pages",
        "CT and MR slices that nobody drew",
        "chest films that nobody drew",
    ):
        assert 0.35 < parts[name]["auroc"]["value"] < 0.65, name
        assert parts[name]["refused"]["value"] < 0.15, name
    assert 0.3 < found["assessable"]["refused"]["value"] < 0.65


def test_a_figure_of_several_repeats_is_their_mean_and_not_that_of_all_laid_together():
    """One repeat is always right and one never, both half sure: laid together they would look calibrated."""
    scores = drawn_scores(repeats=2)
    said = np.where(scores.repeats == 0, scores.labels, (scores.labels + 1) % 10)
    probabilities = np.full((len(scores), 10), 0.05)
    probabilities[np.arange(len(scores)), said] = 0.55
    predictions, every = Predictions(scores.labels, probabilities), np.ones(len(scores))
    figures = mean_of_repeats(
        scores.repeats, lambda keep: partial(summary, predictions.where(keep))
    )
    found = figures(every)
    assert found["accuracy"] == pytest.approx(0.5)
    assert found["ece"] == pytest.approx((0.45 + 0.55) / 2)
    assert summary(predictions, every)["ece"] == pytest.approx(0.05)


def test_sizes_that_give_the_state_away_are_told_and_taken_apart():
    """The head knows the size and nothing else."""
    bones = drawn_bones(strength=0)
    well = bones.labels == 0
    few = np.arange(len(bones)) // 10 % 5 == 0  # as many in each fold
    usual = well ^ few
    known = replace(
        bones,
        sizes=np.where(usual[:, None], (224, 224), bones.sizes),
        fracture=bones.fracture + 6.0 * ~usual,
    )
    found = evaluate(replace(drawn_run(), bones=known), resamples=50)["fracture"]
    assert found["fractured"] == (~well).sum()
    assert found["by_size_alone"]["auroc"]["value"] == pytest.approx(0.8, abs=0.03)
    assert found["auroc"]["value"] > 0.75
    assert set(found["slices"]) == {"224 × 224 pixels", "any other size"}
    for part in found["slices"].values():
        assert 0.3 < part["auroc"]["value"] < 0.65
    assert found["slices"]["any other size"]["specificity_not_negative"]["value"] < 0.2


def test_refusals_are_counted_by_body_region(monkeypatch):
    run = drawn_run()
    regions = {
        name: ("spine" if at % 4 == 0 else "hand", "none") for at, name in enumerate(run.types.ids)
    }
    monkeypatch.setattr("training.evaluation.figures.slices._seen", lambda: regions)
    kinds = run.types.kinds.copy()
    spine = np.arange(len(kinds)) % 4 == 0
    kinds[spine & (run.types.folds == 0)] = [0, 9, 0, 0, 0, 0]
    found = assessable_figures(replace(run, types=replace(run.types, kinds=kinds)), 0, 50)
    assert found["regions"]["spine"]["pictures"] == spine.sum()
    assert found["regions"]["spine"]["refused"]["value"] > 0.19
    assert found["regions"]["hand"]["refused"]["value"] < 0.05


def test_the_interval_holds_the_value(figures):
    for part, names in (
        (figures["types"], ("accuracy", "balanced_accuracy", "macro_f1", "top3_accuracy")),
        (figures["fracture"], ("auroc", "sensitivity_positive", "doubt")),
        (figures["fracture"]["outside"], ("auroc",)),
        (figures["assessable"], ("auroc", "refused", "false_refusals")),
        (figures["shipped"]["all"], ("accuracy", "macro_f1")),
        *(
            (each, ("precision", "recall", "f1", "auroc"))
            for each in figures["types"]["classes"].values()
        ),
    ):
        for name in names:
            low, high = part[name]["interval"]
            assert low <= part[name]["value"] <= high, name
    assert figures["types"]["groups"] == 300


def test_the_parts_of_the_figures_fit_together(figures):
    types, shipped = figures["types"], figures["shipped"]
    assert shipped["leaked"]["pictures"] + shipped["clean"]["pictures"] == 140
    for parts in types["slices"].values():
        assert sum(each["pictures"] for each in parts.values()) == types["pictures"] == 600
    assert types["coverage_curve"][-1]["accuracy"] == types["accuracy"]["value"]
    assert types["coverage_curve"][0]["accuracy"] > types["accuracy"]["value"]
    assert np.sum(types["confusion"]) == pytest.approx(600)
    assert np.mean(types["folds"]) == pytest.approx(types["accuracy"]["value"], abs=1e-4)


def test_repeats_are_averaged_and_count_as_the_same_groups():
    twice = types_figures(drawn_scores(repeats=2), 0, 100)
    assert (twice["pictures"], twice["groups"], twice["repeats"]) == (600, 300, 2)
    assert np.sum(twice["confusion"]) == pytest.approx(600)
    assert len(twice["folds"]) == 10


def test_stored_scores_read_as_they_were_written(tmp_path):
    run = drawn_run(repeats=2)
    run.write(tmp_path)
    drawn = [part for part in fields(run) if len(getattr(run, part.name))]
    assert {"types", "elsewhere"} < {
        part.name for part in drawn
    }  # no detector: its tables are its own
    assert len(list(tmp_path.iterdir())) == len(drawn)
    again = RunScores.read(tmp_path)
    for part in drawn:
        for each in fields(getattr(run, part.name)):
            wrote, read = (getattr(getattr(one, part.name), each.name) for one in (run, again))
            if not isinstance(wrote, np.ndarray):  # the collection's name, and its marks
                np.testing.assert_equal(read, wrote)
            elif wrote.dtype.kind == "f":
                assert np.allclose(read.reshape(wrote.shape), wrote, atol=1e-4), each.name
            else:
                assert np.array_equal(read, wrote), each.name


def test_no_scores_no_figures(tmp_path):
    with pytest.raises(TrainingError, match="holds no scores"):
        RunScores.read(tmp_path)
    with pytest.raises(TrainingError, match="holds no run"):
        RunScores.of_run(tmp_path)
