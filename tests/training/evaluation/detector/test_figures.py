"""A detector's figures, held against scikit-learn and against counting."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as reference

from tests.training.evaluation.detector.tables import CHANGES, drawn_detector
from training.errors import TrainingError
from training.evaluation.detector.calibration import cross_called, fit_boxes, fit_call, ruled
from training.evaluation.detector.call import ranking
from training.evaluation.detector.figures import detector_figures
from training.evaluation.detector.scores import Altered, Candidates, DetectorScores
from training.evaluation.detector.transfer import transfer_figures
from training.fitting.detection.splits import WITHOUT_FRACATLAS

DRAWN = (0, 30)


@pytest.fixture(scope="module")
def scores():
    return drawn_detector(strength=2.0)


@pytest.fixture(scope="module")
def figures(scores):
    return detector_figures(scores, 0.0, *DRAWN)


def value(part, *keys):
    for key in keys:
        part = part[key]
    return part["value"]


def test_no_detector_no_figures():
    assert detector_figures(DetectorScores.none(), 0.0, *DRAWN) is None


def test_the_area_and_the_sensitivity_are_scikit_learn_s(scores, figures):
    folds = scores.of("fracatlas")
    probabilities, _ = cross_called(folds)
    part = figures["fracatlas"]
    assert value(part, "auroc") == pytest.approx(
        reference.roc_auc_score(folds.labels, probabilities), abs=1e-6
    )
    false, true, _ = reference.roc_curve(folds.labels, probabilities)
    assert value(part, "sensitivity_at_90") == pytest.approx(np.interp(0.1, false, true), abs=1e-6)
    hand = folds.marks["hand"]
    assert value(part, "parts", "hand", "auroc") == pytest.approx(
        reference.roc_auc_score(folds.labels[hand], probabilities[hand]), abs=1e-6
    )
    bare = ~folds.marks["hardware"]
    assert value(part, "without_hardware", "auroc") == pytest.approx(
        reference.roc_auc_score(folds.labels[bare], probabilities[bare]), abs=1e-6
    )
    unseen = scores.of("fracatlas", WITHOUT_FRACATLAS)
    assert value(figures, "without_fracatlas", "auroc") == pytest.approx(
        reference.roc_auc_score(unseen.labels, unseen.fracture), abs=1e-6
    )


def test_the_worst_part_is_the_worst_of_three_and_never_the_hip(scores):
    """Of hips it knows nothing, of legs little."""
    hip, leg = (scores.marks[name] for name in ("hip", "leg"))
    noise = np.random.default_rng(4).normal(0, 1, len(scores))
    fracture = np.where(hip, noise, scores.fracture + 2 * leg * noise)
    found = detector_figures(replace(scores, fracture=fracture), 0.0, *DRAWN)["fracatlas"]
    worst = min(found["parts"], key=lambda name: value(found, "parts", name, "auroc"))
    assert (worst, found["worst_part"]) == ("hip", "leg")


def test_equal_scores_are_taken_together(scores):
    """However they are ordered in the file: here the broken come first."""
    unseen = scores.of("fracatlas", WITHOUT_FRACATLAS)
    order = np.argsort(-unseen.labels, kind="stable")
    labels, coarse = unseen.labels[order], unseen.fracture[order].round()
    false, true, _ = reference.roc_curve(labels, coarse)
    found = ranking(replace(unseen, labels=labels, groups=unseen.groups[order]), coarse, DRAWN)
    assert value(found, "sensitivity_at_90") == pytest.approx(np.interp(0.1, false, true), abs=1e-6)


def test_the_operating_points_are_those_of_counting(scores, figures):
    folds = scores.of("fracatlas")
    _, calls = cross_called(folds)
    ill = folds.labels == 1
    part = figures["fracatlas"]
    for name, share in (
        ("sensitivity_not_negative", (calls[ill] >= 0).mean()),
        ("specificity_not_negative", (calls[~ill] < 0).mean()),
        ("sensitivity_positive", (calls[ill] > 0).mean()),
        ("specificity_positive", (calls[~ill] <= 0).mean()),
        ("doubt", (calls == 0).mean()),
    ):
        assert value(part, name) == pytest.approx(share, abs=1e-6), name


def test_the_call_of_a_fold_does_not_see_the_fold(scores):
    folds = scores.of("fracatlas")
    here = folds.splits == "repeat-0-fold-2"
    turned = replace(folds, labels=np.where(here, 1 - folds.labels, folds.labels))
    before, after = cross_called(folds)[0], cross_called(turned)[0]
    assert np.array_equal(before[here], after[here])
    assert not np.allclose(before[~here], after[~here])


def test_multi_region_is_told_by_size_of_file(scores, figures):
    part = figures["without_multi_region"]
    assert {name: side["pictures"] for name, side in part.items()} == {
        "all": 120,
        "224 × 224": 40,
        "others": 80,
    }


def test_the_pointing_game_counts_pictures_with_a_box(scores, figures):
    folds = scores.of("fracatlas")
    focus = folds.focus[folds.focus >= 0]
    assert value(figures, "fracatlas", "places", "focus") == pytest.approx(focus.mean(), abs=1e-6)
    places = figures["fracatlas"]["places"]
    assert places["boxes"] == folds.boxes.sum()
    assert places["with_boxes"] == len(focus)
    assert [point["found"] for point in places["curve"]] == sorted(
        point["found"] for point in places["curve"]
    )
    assert places["curve"][-1]["found"] == round(value(places, "froc_1"), 4)
    assert sum(size["boxes"] for size in places["sizes"].values()) == folds.boxes.sum()


def test_a_fractured_picture_without_a_box_says_nothing_of_a_candidate(scores):
    """Its boxes may all be right: nobody drew where the break is."""
    folds = scores.of("fracatlas")
    blind = replace(
        folds, boxes=np.where((np.arange(len(folds)) % 2 == 0)[:, None], 0, folds.boxes)
    )
    found = detector_figures(blind, 0.0, *DRAWN)["fracatlas"]["places"]
    assert found["pictures"] == ((blind.boxes.sum(1) > 0) | (blind.labels == 0)).sum()


def test_few_broken_bones_make_a_positive_call_wrong_more_often(scores, figures):
    found = figures["fracatlas"]["prevalence"]
    folds = scores.of("fracatlas")
    _, calls = cross_called(folds)
    own = next(row for row in found["at"] if row["share"] == found["own"])
    assert value(own, "positive") == pytest.approx(folds.labels[calls > 0].mean(), abs=1e-6)
    assert value(own, "negative") == pytest.approx(folds.labels[calls < 0].mean(), abs=1e-6)
    assert own["half_means"] == pytest.approx(0.5)
    right = [value(row, "positive") for row in found["at"]]
    assert right == sorted(right)
    assert right[0] < 0.5 < right[-1]
    assert found["at"][0]["half_means"] == pytest.approx(
        (0.02 / 0.98) / (0.02 / 0.98 + found["own"] / (1 - found["own"])), abs=1e-4
    )


def test_points_that_fit_one_source_are_checked_on_the_other(scores):
    """Shift one source's scores by much: its own points move with them, the other's don't."""
    web = scores.collections == "multi-region"
    moved = replace(scores, fracture=scores.fracture + 6.0 * web)
    rows = {
        (row["learnt"], row["checked"], row["seen"]): row for row in transfer_figures(moved, DRAWN)
    }
    assert len(rows) == 4
    there = rows["fracatlas", "multi-region", True]
    assert value(there, "specificity_positive") < 0.1
    back = rows["multi-region", "fracatlas", False]
    assert value(back, "sensitivity_not_negative") < 0.1


def test_a_change_that_decides_is_found_and_named(scores):
    """A marker that makes every picture look broken, beside changes that do nothing."""
    before = scores.fracture[scores.altered.pictures]
    after = np.stack([before + 9, before, before, before])
    altered = replace(scores, altered=Altered(scores.altered.pictures, CHANGES, after))
    found = detector_figures(altered, 0.0, *DRAWN)["alterations"]
    folds = scores.of("fracatlas")
    here = folds.splits == "repeat-0-fold-0"
    calls = cross_called(folds)[1][here]
    assert found["worst"]["changed"] == "marker"
    assert value(found, "changes", "marker", "changed") == pytest.approx(
        (calls[:100] < 1).mean(), abs=1e-6
    )
    assert value(found, "changes", "marker", "fall") == 0  # the order is the same
    assert value(found, "changes", "rim", "changed") == 0
    mixed = np.stack([before, -before, before, before])
    found = detector_figures(
        replace(scores, altered=Altered(scores.altered.pictures, CHANGES, mixed)), 0.0, *DRAWN
    )["alterations"]
    assert found["worst"]["fall"] == "rim"
    assert value(found, "changes", "rim", "fall") > 0.5


def test_each_fold_alters_pictures_of_its_own_and_is_called_by_the_others(scores):
    """The second of the altered pictures' folds has other scores, and so another rule."""
    folds = scores.of("fracatlas")
    parts = sorted(set(folds.splits))[:2]
    rows = np.concatenate([np.flatnonzero(scores.splits == part)[:60] for part in parts])
    rows = rows[(scores.collections[rows] == "fracatlas") & scores.measured[rows]]
    assert set(scores.splits[rows]) == set(parts)
    after = np.stack([scores.fracture[rows] - 9] * len(CHANGES))
    altered = replace(scores, altered=Altered(rows, CHANGES, after))
    found = detector_figures(altered, 0.0, *DRAWN)["alterations"]
    names = list(zip(folds.splits, folds.ids, strict=True))
    calls = cross_called(folds)[1]
    before = [calls[names.index((scores.splits[row], scores.ids[row]))] for row in rows]
    not_negative = np.array(before) > -1
    ill = scores.labels[rows] == 1
    assert (found["pictures"], found["broken"]) == (len(rows), ill.sum())
    changes = found["changes"]["marker"]
    assert value(changes, "changed") == pytest.approx(not_negative.mean(), abs=1e-6)
    assert value(changes, "changed_broken") == pytest.approx(not_negative[ill].mean(), abs=1e-6)
    assert value(changes, "changed_healthy") == pytest.approx(not_negative[~ill].mean(), abs=1e-6)


def test_refusals_are_those_above_the_threshold(scores):
    folds = scores.of("fracatlas")
    kinds = scores.kinds.copy()
    kinds[np.flatnonzero(scores.collections == "fracatlas")[:60], 1] = 50.0
    found = detector_figures(replace(scores, kinds=kinds), 0.0, *DRAWN)["fracatlas"]
    assert value(found, "refused") == pytest.approx(60 / len(folds), abs=1e-6)


def test_where_the_refusal_head_was_not_asked_no_refusal_is_told(scores):
    unasked = replace(scores, kinds=np.full(scores.kinds.shape, np.nan))
    assert "refused" not in detector_figures(unasked, 0.0, *DRAWN)["fracatlas"]


def test_the_served_call_keeps_its_points_on_the_folds(scores):
    rule = fit_call(scores)
    folds = scores.of("fracatlas")
    _, calls = ruled(folds.fracture, rule)
    assert (calls[folds.labels == 1] >= 0).mean() == pytest.approx(0.95, abs=0.01)
    assert (calls[folds.labels == 0] <= 0).mean() == pytest.approx(0.95, abs=0.01)


def test_the_served_boxes_are_calibrated_and_cut_at_one_false_box_in_a_positive_picture(scores):
    rule = fit_boxes(scores)
    folds = scores.of("fracatlas")
    found = folds.candidates
    said = 1 / (1 + np.exp(-(rule["slope"] * found.heats + rule["intercept"])))
    assert said.mean() == pytest.approx((found.hits >= 0).mean(), abs=0.01)
    positive = cross_called(folds)[1] > 0
    kept = (said >= rule["score_from"] - 1e-6) & positive[found.pictures]
    assert (found.hits[kept] < 0).sum() / positive.sum() == pytest.approx(1.0, abs=0.02)


def one_state(scores):
    return scores.where(scores.labels == 1)


def without_boxes(scores):
    return replace(
        scores,
        boxes=np.zeros_like(scores.boxes),
        focus=np.full(len(scores), -1),
        candidates=Candidates.none(),
    )


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        (one_state, lambda found: "auroc" not in found["fracatlas"]),
        (one_state, lambda found: "ece" not in found["fracatlas"]),
        (one_state, lambda found: found["fracatlas"]["prevalence"] is None),
        (one_state, lambda found: found["transfer"] == []),
        (without_boxes, lambda found: found["fracatlas"]["places"] is None),
        (without_boxes, lambda found: found["boxes"] is None),
        (
            lambda scores: scores.where(scores.collections == "boxes"),
            lambda found: found["fracatlas"] is found["multi_region"] is None,
        ),
        (
            lambda scores: scores.where(np.char.startswith(scores.splits, "repeat")),
            lambda found: found["without_fracatlas"] is found["without_multi_region"] is None,
        ),
    ],
)
def test_what_can_t_be_measured_is_left_out_and_nothing_fails(scores, change, lacks):
    assert lacks(detector_figures(change(scores), 0.0, *DRAWN))


def test_a_call_can_t_be_fitted_on_one_state(scores):
    with pytest.raises(TrainingError, match="can't be calibrated"):
        fit_call(one_state(scores))


def test_boxes_that_never_hit_are_told_to_be_worth_little(scores):
    found = scores.candidates
    never = replace(
        scores,
        candidates=replace(found, hits=np.full(len(found), -1), sizes=np.full(len(found), -1)),
    )
    rule = fit_boxes(never)
    assert 1 / (1 + np.exp(-rule["intercept"])) < 0.01
    assert 0 <= rule["score_from"] <= 1


def test_the_same_scores_give_the_same_figures(scores, figures):
    assert detector_figures(scores, 0.0, *DRAWN) == figures
