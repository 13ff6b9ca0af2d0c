"""What the card and the report say of a detector, all of it from the manifest."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.evaluation.score_tables import drawn_run
from training.errors import TrainingError
from training.evaluation.calibration import fit_refusal
from training.evaluation.detector.figures import detector_figures
from training.evaluation.detector.rule import call_usability
from training.evaluation.evaluate import evaluate
from training.evaluation.scores import RunScores
from training.publishing.card.model_card import model_card
from training.publishing.detector_plots import detector_plots
from training.publishing.export import fitted
from training.publishing.plots import plot_file, plots
from training.publishing.release_folder import describe
from training.publishing.report.page import Examples, report_page
from training.publishing.targets import target_rows


def fit_refusal_of(scores: RunScores) -> float:
    return fit_refusal(np.concatenate([scores.types.kinds, scores.bones.kinds]))


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_accuracy_against_label_sets_is_told_or_said_to_be_unmeasured(manifest):
    title, metrics = "ten types: accuracy against label sets", manifest["metrics"]
    told = {row[0]: row[1:] for row in target_rows(metrics)}[title]
    value = metrics["label_sets"]["accuracy"]["value"]
    assert told[0].startswith(f"{100 * value:.1f}\u00a0%")
    assert told[1:] == ("", "", "–")  # nothing was asked of it
    card = model_card({**manifest, "metrics": {**metrics, "label_sets": None}})
    assert f"| {title} | – |  |  | not measured |" in card


def test_the_card_says_of_labels_and_places_what_is_known_of_each_collection(card):
    told = " ".join(card.split())
    assert "labels of the types, of *boxes* and of *multi-region* are the uploaders'" in told
    assert "Two radiologists and an orthopaedist labelled FracAtlas" in told
    assert "no radiologist confirmed" not in told
    assert "hospitals, countries and dates are unknown" not in told
    (setting,) = (line for line in card.splitlines() if line.startswith("| Data sources"))
    assert "FracAtlas: three hospitals in Bangladesh" in setting
    (standard,) = (line for line in card.splitlines() if line.startswith("| Reference standard"))
    assert standard.startswith("| Reference standard | FracAtlas: two radiologists")


def test_the_checklist_speaks_of_the_detector_too(manifest, card):
    def answer(item):
        (line,) = (line for line in card.splitlines() if line.startswith(f"| {item} |"))
        return line

    assert "for the detector to 512 and 448 pixels" in answer("Preprocessing")
    assert "resized to 288" in answer("Preprocessing")
    training = answer("Training")
    for told in (
        "types: 8 epochs",
        "Detector: 7 epochs",
        "654 healthy pictures",
        "rate up to 0.003",
        "steps of 21",
    ):
        assert told in training, told
    assert "5 augmented views of each fractured picture and 4 of each healthy one" in training
    assert "markers, rims, crops and rescaling" in answer("Robustness")
    folds = manifest["metrics"]["detector"]["fracatlas"]
    worst = folds["worst_part"]
    auroc = f"{folds['parts'][worst]['auroc']['value']:.3f}"
    small = f"{100 * folds['places']['sizes']['small']['found']['value']:.1f}"
    assert f"AUROC {auroc}" in answer("Failure analysis")
    assert f"on the {worst}" in answer("Failure analysis")
    assert small in answer("Failure analysis")
    assert "blocks of twenty" in answer("Partitions")


def test_the_method_doesn_t_say_that_the_refusal_shares_the_folds_of_the_types(manifest):
    """Beside a detector its head is fitted apart."""
    told = manifest["metrics"]["method"]
    assert "the refusal's head has folds of its own" in told
    assert "refusal of each fold" not in told
    alone = evaluate(drawn_run(), resamples=2)["method"]
    assert "operating points and refusal of each fold fitted on the held-out scores" in alone


def test_a_collection_that_is_told_twice_is_said_to_be_one(card):
    assert "*bones* and *multi-region* are one collection" in card
    assert "| bones | 9 | refusal |" in card
    assert "| multi-region | 9 | fracture or none |" in card


def test_the_card_says_where_taken_over_types_come_from_and_only_then(manifest, card):
    config = {**manifest["config"], "types_of": "callus-lite0 2.1.1"}
    told = model_card({**manifest, "config": config})
    assert (
        "These networks and all figures of the ten types are those of callus-lite0 2.1.1." in told
    )
    assert "(as callus-lite0 2.1.1 was trained)" in told
    assert "are those of" not in card
    assert "was trained)" not in card


def test_every_figure_of_the_folds_is_in_the_card(manifest, card):
    detector = manifest["metrics"]["detector"]
    for part in ("hand", "leg", "shoulder", "hip"):
        told = detector["fracatlas"]["parts"][part]
        row = next(line for line in card.splitlines() if line.startswith(f"| {part} |"))
        assert cells(row)[1:3] == [f"{told['pictures']:,}", f"{told['fractured']:,}"]
        assert cells(row)[3].startswith(f"{told['auroc']['value']:.3f}")
    assert "| FracAtlas, folds | multi-region, not seen |" in card
    for row in detector["fracatlas"]["prevalence"]["at"]:
        assert f"| {100 * row['share']:.1f}\u00a0%" in card
    for name in ("marker", "rim", "crop", "rescale"):
        assert f"| {name} |" in card
    assert "small ones found" in card


def test_the_card_says_whether_the_call_may_be_used_and_where_it_was_measured(manifest, card):
    assert card.count(manifest["call"]["usable_reason"]) == 2
    assert "never trained, pretrained or tuned on" not in card  # FracAtlas is trained on
    assert "Scientific Data 2023;10:521" in card


def test_the_card_says_where_the_release_may_be_used(manifest, card):
    assert "| hand, wrist, forearm, elbow | frontal | adult | 120 | 30 |" in card
    for cell in manifest["indications"]["excluded"]:
        (row,) = (line for line in card.splitlines() if line.endswith(f"| {cell['reason']} |"))
        assert len(row) < 250
    assert "| body part: chest |" in card
    assert "| modality: CT, MR, PT, NM, ST |" in card
    without = {key: told for key, told in manifest.items() if key != "indications"}
    assert "Where it may be used" not in model_card(without)


def test_the_card_tells_that_the_rule_was_changed_and_how_few_pictures_its_parts_hold(manifest):
    detector = {**manifest["metrics"]["detector"]}
    detector["without_multi_region"] = {
        **detector["without_multi_region"],
        "224 × 224": {"pictures": 85, "fractured": 23},
        "others": {"pictures": 236, "fractured": 212},
    }
    metrics = {**manifest["metrics"], "detector": detector}
    told = " ".join(model_card({**manifest, "metrics": metrics}).split())
    assert "rule was changed after a figure was known" in told
    assert "23 fractured among files of 224 × 224 pixels, 24 healthy among other files" in told
    assert "requires 100 pictures of either state" in told
    detector["without_multi_region"] = None
    assert "was changed after" not in model_card({**manifest, "metrics": metrics})


def test_the_card_doesn_t_say_that_each_patient_is_new(card):
    told = " ".join(card.split())
    assert "at the end of a block, the next number may be of the same patient" in told
    assert "Patients are new" not in told


def test_the_boxes_that_a_page_shows_are_told_apart_from_all_candidates(manifest, card):
    served = manifest["metrics"]["detector"]["fracatlas"]["served"]
    section = card.partition("### The boxes that a page shows")[2].partition("###")[0]
    rows = {cells(line)[0]: cells(line)[1:] for line in section.splitlines() if "|" in line}
    for column, call in enumerate(("positive", "doubt", "both")):
        told = served[call]
        assert rows["pictures; boxes"][column] == f"{told['pictures']:,}; {told['boxes']:,}"
        for title, key in (
            ("first boxes that are right", "first_right"),
            ("breaks that are shown, of all breaks", "found"),
        ):
            assert rows[title][column].startswith(f"{100 * told[key]['value']:.1f}\u00a0%")
        assert rows["false boxes a picture"][column].startswith(f"{told['false']['value']:.2f}")
    assert f"{manifest['detector']['boxes']['score_from']:.3f}" in section
    old = {**manifest["metrics"]["detector"]["fracatlas"]}
    del old["served"]  # of a release from before they were measured
    metrics = {
        **manifest["metrics"],
        "detector": {**manifest["metrics"]["detector"], "fracatlas": old},
    }
    assert "### The boxes that a page shows\n\nNot measured." in model_card(
        {**manifest, "metrics": metrics}
    )


def test_every_plot_of_the_card_is_written_and_no_other(manifest, card, tmp_path):
    describe(tmp_path, manifest)
    drawn = {plot_file(name) for name in plots(manifest["metrics"])}
    assert {path.name for path in tmp_path.glob("plot_*")} == drawn
    named = {name for name in drawn if name in card}
    assert named == drawn
    assert {plot_file(name) for name in detector_plots(manifest["metrics"]["detector"])} <= drawn
    assert "plot_fracture_roc.svg" not in drawn


def test_what_was_not_measured_is_a_dash_and_no_error(scores, manifest):
    """A collection whose breaks nobody boxed, without a part that leaves a source out, nor an alteration."""
    some = scores.detector
    some = some.where(np.char.startswith(some.splits, "repeat") & (some.collections != "boxes"))
    bare = replace(some, boxes=0 * some.boxes, focus=0 * some.focus - 1)
    metrics = evaluate(replace(scores, detector=bare), resamples=5)
    metrics["detector"]["alterations"] = None
    call = manifest["call"] | call_usability(metrics)
    card = model_card({**manifest, "metrics": metrics, "call": call})
    assert "not measured |" in card
    assert call["usable"] is False
    assert report_page(manifest["config"], metrics, Examples([], []))


def test_the_report_has_the_detector_s_figures(manifest):
    page = report_page(manifest["config"], manifest["metrics"], Examples([], []))
    assert "wanted at least" in page
    assert page.count("<svg") == len(plots(manifest["metrics"]))


def test_figures_come_from_the_stored_tables(scores, manifest, tmp_path):
    scores.write(tmp_path)
    again = RunScores.read(tmp_path)
    found = detector_figures(again.detector, fit_refusal_of(scores), 0, 30)
    assert found == manifest["metrics"]["detector"]
    assert fitted(again)["call"] == {
        key: value for key, value in manifest["call"].items() if not key.startswith("usable")
    }


def test_a_damaged_table_is_named(scores, tmp_path):
    scores.write(tmp_path)
    path = tmp_path / "scores_detector_boxes.csv"
    path.write_text(path.read_text().replace("picture,", "film,", 1))
    with pytest.raises(TrainingError, match="is damaged"):
        RunScores.read(tmp_path)
