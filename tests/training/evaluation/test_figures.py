"""The figures against scikit-learn, the calibration against known truths, and that nothing leaks."""

from dataclasses import fields, replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as reference

from classifier.assessability import foreign_log_odds
from classifier.classify import calibrated
from tests.training.evaluation.score_tables import drawn_bones, drawn_run, drawn_scores
from training.errors import TrainingError
from training.evaluation.calibration import (
    FALSE_REFUSALS,
    called,
    cross_called,
    cross_fitted,
    fit_call,
    fit_refusal,
    fit_temperature,
    set_thresholds,
)
from training.evaluation.evaluate import evaluate
from training.evaluation.figures.assessable import assessable_figures
from training.evaluation.figures.bootstrap import group_weights, mean_of_repeats, with_intervals
from training.evaluation.figures.curves import confusion_intervals, coverage_curve, reliability
from training.evaluation.figures.types import types_figures
from training.evaluation.metrics import (
    Predictions,
    Ranked,
    accuracy_at,
    auroc,
    aurocs,
    calibration_error,
    confusion,
    per_class,
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


def test_the_summary_is_scikit_learns(predictions):
    figures = summary(predictions, np.ones(len(predictions.labels)))
    truth, guess = predictions.labels, predictions.predicted
    assert figures["accuracy"] == pytest.approx(reference.accuracy_score(truth, guess))
    assert figures["balanced_accuracy"] == pytest.approx(
        reference.balanced_accuracy_score(truth, guess)
    )
    assert figures["macro_f1"] == pytest.approx(reference.f1_score(truth, guess, average="macro"))
    assert figures["top3_accuracy"] == pytest.approx(
        reference.top_k_accuracy_score(truth, predictions.probabilities, k=3)
    )
    assert figures["macro_auroc"] == pytest.approx(
        reference.roc_auc_score(truth, predictions.probabilities, multi_class="ovr")
    )


def test_weights_stand_for_repeated_pictures(predictions):
    weights = np.random.default_rng(1).integers(0, 4, len(predictions.labels))
    repeated = Predictions(
        np.repeat(predictions.labels, weights),
        np.repeat(predictions.probabilities, weights, axis=0),
    )
    weighted = summary(predictions, weights.astype(float))
    assert weighted == pytest.approx(summary(repeated, np.ones(weights.sum())), abs=2e-3)
    exact = ("accuracy", "balanced_accuracy", "macro_f1", "top3_accuracy", "ece")
    again = summary(repeated, np.ones(weights.sum()))
    assert all(weighted[name] == pytest.approx(again[name]) for name in exact)


def test_a_weighted_auroc_is_scikit_learns():
    rng = np.random.default_rng(3)
    positive = rng.random(300) < 0.3
    weights = rng.integers(0, 3, 300).astype(float)
    for score in (
        rng.normal(size=300),
        rng.integers(0, 5, 300),
        np.zeros(300),
    ):  # few, or no, differences
        expected = reference.roc_auc_score(positive, score, sample_weight=weights)
        assert auroc(Ranked.of(score), positive, weights) == pytest.approx(expected)


def test_each_class_has_scikit_learns_precision_recall_and_f1(predictions):
    matrix = confusion(predictions, np.ones(len(predictions.labels)))
    assert np.array_equal(
        matrix, reference.confusion_matrix(predictions.labels, predictions.predicted)
    )
    expected = reference.precision_recall_fscore_support(predictions.labels, predictions.predicted)[
        :3
    ]
    assert np.allclose(per_class(matrix), expected)


def test_a_class_that_is_never_predicted_has_no_precision():
    matrix = np.zeros((10, 10))
    matrix[0, 1] = 3
    assert [each[0] for each in per_class(matrix)] == [0, 0, 0]


def test_a_class_that_nobody_or_everybody_is_of_has_no_auroc(predictions):
    once = np.ones(len(predictions.labels))
    assert np.isnan(aurocs(predictions, once * (predictions.labels != 4))[4])
    alone = once * (predictions.labels == 4)
    assert np.isnan(aurocs(predictions, alone)).all()
    assert np.isnan(summary(predictions, alone)["macro_auroc"])


def test_accuracy_on_the_surest_is_that_of_the_highest_confidences(predictions):
    ones = np.ones(len(predictions.labels))
    most_confident = np.argsort(-predictions.confidence)[:90]
    assert accuracy_at(predictions, ones, 0.15) == pytest.approx(
        predictions.right[most_confident].mean()
    )
    assert accuracy_at(predictions, ones, 1.0) == pytest.approx(predictions.right.mean())


def test_certain_and_always_right_is_calibrated_and_always_wrong_is_not():
    certain = np.eye(10)[np.arange(50) % 10]
    ones = np.ones(50)
    assert calibration_error(Predictions(np.arange(50) % 10, certain), ones) == pytest.approx(0)
    assert calibration_error(Predictions((np.arange(50) + 1) % 10, certain), ones) == pytest.approx(
        1
    )


def test_the_calibration_error_is_the_mean_gap_of_the_bins():
    probabilities = np.full((4, 10), 0.0)
    probabilities[:, 0] = [0.50, 0.52, 0.90, 0.92]
    probabilities[:, 1] = 1 - probabilities[:, 0]
    predictions = Predictions(np.array([0, 5, 0, 0]), probabilities)
    # Bins of a fifteenth: {0.50, 0.52} is right once in two, {0.90, 0.92} always.
    assert calibration_error(predictions, np.ones(4)) == pytest.approx((2 * 0.01 + 2 * 0.09) / 4)
    apart = SimpleNamespace(groups=np.arange(4), repeats=np.zeros(4))
    assert reliability(predictions.confidence, predictions.right, apart, seed=0, resamples=200) == [
        {"pictures": 2, "confidence": 0.51, "accuracy": 0.5, "interval": [0, 1]},
        {"pictures": 2, "confidence": 0.91, "accuracy": 1.0, "interval": [0.1581, 1]},
    ]


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


def test_the_temperature_undoes_a_known_overconfidence():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (6000, 10))
    labels = np.array([rng.choice(10, p=each) for each in calibrated(logits, 1.0)])
    assert fit_temperature(logits * 3, labels) == pytest.approx(3, rel=0.05)


def test_sets_cover_every_class_of_new_pictures_as_promised():
    known, new = drawn_scores(6000, seed=1), drawn_scores(6000, seed=2)
    thresholds = set_thresholds(calibrated(known.logits, 1.0), known.labels, 0.9)
    members = calibrated(new.logits, 1.0) >= thresholds
    for label in range(10):
        own = new.labels == label
        assert members[own, label].mean() == pytest.approx(0.9, abs=0.04)


def test_a_class_of_too_few_pictures_is_promised_nothing():
    few = drawn_scores(60)
    labels = np.where(few.labels == 3, 4, few.labels)
    labels[:5] = 3
    thresholds = set_thresholds(calibrated(few.logits, 1.0), labels, 0.9)
    assert thresholds[3] == 0


def test_the_call_keeps_its_operating_points():
    bones = drawn_bones(4000)
    rule = fit_call(bones.fracture, bones.labels)
    probabilities = np.array([rule.probability(score) for score in bones.fracture])
    calls = called(probabilities, rule)
    assert (calls[bones.labels == 1] >= 0).mean() == pytest.approx(0.95, abs=0.01)
    assert (calls[bones.labels == 0] <= 0).mean() == pytest.approx(0.95, abs=0.01)
    assert rule.negative_below < rule.positive_from
    for low, high in ((0.2, 0.3), (0.5, 0.6), (0.8, 0.9)):
        bin_ = (probabilities >= low) & (probabilities < high)
        assert bones.labels[bin_].mean() == pytest.approx((low + high) / 2, abs=0.08)


def test_where_no_one_is_in_doubt_the_call_turns_once():
    bones = drawn_bones(800, strength=30)
    rule = fit_call(bones.fracture, bones.labels)
    assert rule.negative_below == rule.positive_from
    probabilities = np.array([rule.probability(score) for score in bones.fracture])
    assert np.array_equal(called(probabilities, rule) > 0, bones.labels == 1)


def test_the_refusal_spares_the_promised_share_of_radiographs():
    kinds = drawn_scores(2000).kinds
    refused = foreign_log_odds(kinds) >= fit_refusal(kinds)
    assert refused.mean() == pytest.approx(FALSE_REFUSALS, abs=0.002)


@pytest.mark.parametrize("repeat", [0, 1])
def test_the_calibration_of_a_fold_does_not_see_the_fold(repeat):
    """Other labels in one fold of one repeat change nothing of how that fold is calibrated."""
    scores = drawn_scores(repeats=2)
    here = (scores.folds == 0) & (scores.repeats == repeat)
    labels = np.where(here, (scores.labels + 1) % 10, scores.labels)
    before, sets_before = cross_fitted(scores)
    after, sets_after = cross_fitted(replace(scores, labels=labels))
    assert np.array_equal(before[here], after[here])
    assert np.array_equal(sets_before[here], sets_after[here])
    assert not np.allclose(before[~here], after[~here])
    other = scores.repeats != repeat
    assert np.array_equal(before[other], after[other])


def test_the_call_of_a_fold_does_not_see_the_fold():
    bones = drawn_bones()
    here = bones.folds == 2
    turned = replace(bones, labels=np.where(here, 1 - bones.labels, bones.labels))
    before, _ = cross_called(bones)
    after, _ = cross_called(turned)
    assert np.array_equal(before[here], after[here])
    assert not np.allclose(before[~here], after[~here])


def test_no_set_is_empty():
    probabilities, members = cross_fitted(drawn_scores(strength=6))
    assert members[np.arange(len(members)), probabilities.argmax(1)].all()


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
