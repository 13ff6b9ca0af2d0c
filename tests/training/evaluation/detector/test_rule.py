"""When the call of a release with a detector may be used, and what is said of it."""

from copy import deepcopy

import pytest

from tests.training.evaluation.external.test_rule import measured
from training.evaluation.detector.rule import call_usability
from training.evaluation.external.rule import call_usability as usability_elsewhere


def figure(value, low, high):
    return {"value": value, "interval": [low, high]}


def metrics(elsewhere=None, **folds):
    """Figures that let a call be used, with what ``folds`` says of FracAtlas."""
    within = measured(**folds)
    del within["collection"]
    return {
        "elsewhere": elsewhere,
        "detector": {
            "fracatlas": within,
            "without_fracatlas": {"auroc": figure(0.72, 0.68, 0.76)},
            "without_multi_region": {
                "all": {"auroc": figure(0.51, 0.44, 0.57)},
                "224 × 224": {"auroc": figure(0.76, 0.64, 0.87)},
                "others": {"auroc": figure(0.66, 0.59, 0.72)},
            },
        },
    }


def test_folds_of_a_hospital_let_a_call_be_used_and_the_reason_says_of_what():
    found = call_usability(metrics())
    assert found["usable"] is True
    reason = found["usable_reason"]
    for told in (
        "2,000 pictures (FracAtlas, three hospitals in Bangladesh)",
        "new pictures, mostly of new patients, in hospitals that it had learnt from",
        "AUROC 0.900 (95 % interval 0.850–0.950; by chance 0.5)",
        "sources that it had learnt nothing from",
        "0.720 (0.680–0.760) on FracAtlas",
        "0.510 (0.440–0.570) on pictures from the web",
        "0.760 (0.640–0.870) on files of 224 × 224 pixels from the web",
        "0.660 (0.590–0.720) on other files from the web",
    ):
        assert told in reason
    assert reason.count(". ") == 1  # two sentences
    assert len(reason.split()) <= 100
    assert reason.count("chance") == reason.count("95 %") == 1
    assert ") (" not in reason


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        # The value is above its bound: the worse end of the interval counts.
        ("auroc", (0.84, 0.799, 0.88), "AUROC"),
        ("sensitivity_not_negative", (0.9, 0.849, 0.95), "not called negative"),
        ("specificity_positive", (0.9, 0.849, 0.95), "not called positive"),
        ("refused", (0.08, 0.06, 0.101), "refuses"),
        ("groups", 29, "are needed"),
        ("fractured", 99, "are needed"),
    ],
)
def test_a_bad_figure_of_the_folds_is_enough(name, value, said):
    found = call_usability(metrics(**{name: value}))
    assert found["usable"] is False
    assert said in found["usable_reason"]
    # What it gives elsewhere is told all the same, where that is chance too: here 0.510.
    assert all(auroc in found["usable_reason"] for auroc in ("0.720", "0.510", "0.760"))
    assert len(found["usable_reason"].split()) <= 100
    assert found["usable_reason"].count("95 %") <= 1
    assert found["usable_reason"].count(". ") <= 1


def test_refusals_that_nobody_counted_are_not_taken_for_none():
    some = metrics()
    del some["detector"]["fracatlas"]["refused"]
    assert call_usability(some)["usable"] is False


@pytest.mark.parametrize(
    ("part", "path", "name"),
    [
        ("without_fracatlas", (), "FracAtlas"),
        ("without_multi_region", ("224 × 224",), "files of 224 × 224 pixels from the web"),
        ("without_multi_region", ("others",), "other files from the web"),
    ],
)
def test_chance_on_a_source_never_learnt_from_forbids(part, path, name):
    some = metrics()
    there = some["detector"][part]
    for key in path:
        there = there[key]
    there["auroc"] = figure(0.56, 0.5, 0.62)
    found = call_usability(some)
    assert found["usable"] is False
    assert f"({name})" in found["usable_reason"]
    assert "0.560 (95 % interval 0.500 to 0.620)" in found["usable_reason"]
    there["auroc"] = figure(0.56, 0.501, 0.62)
    assert call_usability(some)["usable"] is True


def test_files_of_two_sources_are_not_judged_together():
    """To know the source is to know most of the answer there, so that all together show neither."""
    some = metrics()
    web = some["detector"]["without_multi_region"]
    assert web["all"]["auroc"]["interval"][0] < 0.5
    assert call_usability(some)["usable"] is True
    for part in ("224 × 224", "others"):
        web[part]["auroc"] = figure(0.52, 0.45, 0.6)
    web["all"]["auroc"] = figure(0.83, 0.8, 0.87)  # of a network that knows nothing but the size
    assert call_usability(some)["usable"] is False


def test_the_hospital_left_out_has_to_be_measured_and_the_web_need_not():
    some = metrics()
    some["detector"]["without_multi_region"] = None
    assert call_usability(some)["usable"] is True
    some["detector"]["without_fracatlas"] = None
    assert call_usability(some)["usable"] is False
    some["detector"]["fracatlas"] = None
    assert call_usability(some)["usable"] is False


def test_a_measurement_elsewhere_decides_both_ways():
    bad = measured(auroc=(0.7, 0.65, 0.75))
    assert call_usability(metrics(elsewhere=bad)) == usability_elsewhere(bad)
    assert call_usability(metrics(elsewhere=bad))["usable"] is False
    good = measured()
    assert call_usability(metrics(elsewhere=good, auroc=(0.7, 0.65, 0.75))) == usability_elsewhere(
        good
    )
    assert call_usability(metrics(elsewhere=good, auroc=(0.7, 0.65, 0.75)))["usable"] is True


def test_a_measurement_that_is_too_small_decides_only_if_it_fails_whatever_its_chance():
    small = measured(fractured=20, auroc=(0.82, 0.7, 0.9))
    assert call_usability(metrics(elsewhere=small)) == call_usability(metrics())
    worse = measured(fractured=20, auroc=(0.6, 0.5, 0.7))
    assert call_usability(metrics(elsewhere=worse))["usable"] is False
    refusing = measured(fractured=20, refused=(0.3, 0.2, 0.4))
    assert call_usability(metrics(elsewhere=refusing))["usable"] is False


def test_a_release_without_a_detector_is_judged_as_before():
    assert call_usability({"elsewhere": None}) == usability_elsewhere(None)
    assert call_usability({"elsewhere": measured()}) == usability_elsewhere(measured())


def test_the_verdict_changes_no_figure():
    some = metrics()
    before = deepcopy(some)
    call_usability(some)
    assert some == before
