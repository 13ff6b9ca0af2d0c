"""What the shipped release claims is what its stored scores give, and it is made by a shipped recipe."""

import re
import shutil

import numpy as np
import pytest

from classifier.release import RELEASES, load_release
from tests.conftest import REPOSITORY
from training.commands.options import RECIPE
from training.config import Config, completed
from training.datasets.collections import FRACATLAS
from training.evaluation.detector import tables as detected
from training.evaluation.detector.calibration import fit_boxes, ruled
from training.evaluation.detector.rule import call_usability
from training.evaluation.evaluate import evaluate
from training.evaluation.figures.coarse import coarse_figures
from training.evaluation.scores import RunScores
from training.fitting.detection.splits import FOLD_PREFIX
from training.page.charts import standalone
from training.publishing.card.model_card import model_card
from training.publishing.export import fitted
from training.publishing.figure_labels import value
from training.publishing.measured_release import write_measured
from training.publishing.plots import plot_file, plots
from training.publishing.release_folder import describe

CARD, MANIFEST = "MODEL_CARD.md", "manifest.json"
WORDS = {-1: "negative", 0: "doubt", 1: "positive"}
# Measured since some releases were made: these do not tell it, and the card of none is written anew.
_LATER = {"coarse", "label_sets"}
_FOUND = [load_release(path.parent) for path in sorted(RELEASES.glob("[!.]*/manifest.json"))]


@pytest.fixture(
    scope="module",
    params=_FOUND,
    ids=lambda release: release.title,
)
def release(request):
    return request.param


@pytest.fixture(scope="module")
def scores(release):
    return RunScores.read(release.folder)


def test_the_figures_are_those_of_the_stored_scores(release, scores):
    found, told = evaluate(scores, release.manifest["config"]["seed"]), release.manifest["metrics"]
    assert {name: found[name] for name in told} == told
    assert set(found) - set(told) <= _LATER


def test_the_coarse_groups_are_measured_from_the_scores_of_any_release(release, scores):
    """Also of one that was made before there were groups: a group is easier to name than a type."""
    seed, types = release.manifest["config"]["seed"], release.manifest["metrics"]["types"]
    accuracy = coarse_figures(scores.types, seed, 100)["accuracy"]
    assert types["accuracy"]["interval"][1] < accuracy["value"]


def test_every_fitted_number_is_that_of_the_stored_scores(release, scores):
    numbers = fitted(scores)
    numbers["call"] |= call_usability(release.manifest["metrics"])
    for name, number in numbers.items():
        assert release.manifest[name] == number
    if len(scores.detector):
        assert release.manifest["detector"]["boxes"] == fit_boxes(scores.detector)


def test_the_reason_of_the_call_tells_the_figure_that_decides_and_the_card_the_reason(release):
    metrics, call = release.manifest["metrics"], release.manifest["call"]
    decides = metrics["elsewhere"] or (metrics.get("detector") or {}).get("fracatlas")
    if decides:
        assert value("auroc", decides["auroc"]) in call["usable_reason"]
    else:
        assert call["usable"] is False
    word = "may be used" if call["usable"] else "may not be used"
    told = f"**The fracture call {word}.** {call['usable_reason']}"
    assert (release.folder / "MODEL_CARD.md").read_text().count(told) == 2


def test_no_table_tells_the_place_of_a_box(release):
    heads = [
        (release.folder / name).read_text().partition("\n")[0].split(",")
        for name in (detected.PICTURES, detected.CANDIDATES)
        if (release.folder / name).is_file()
    ]
    assert all(not {"x", "y", "left", "top", "right", "bottom"} & set(head) for head in heads)


def test_every_call_of_the_stored_scores_is_the_one_that_is_served(release, scores):
    """Of the scores that the call was fitted on: a detector's, or those of a head on the types' maps."""
    raw = scores.detector.of(FRACATLAS).fracture if len(scores.detector) else scores.bones.fracture
    assert len(raw) > 200
    probabilities, calls = ruled(raw, release.call)
    served = [release.call.call(probability) for probability in probabilities]
    assert [WORDS[call] for call in calls.tolist()] == served
    assert set(served) == set(WORDS.values())


def test_the_release_is_what_its_own_measurement_makes_of_it(release, scores, tmp_path):
    """So that figures, manifest and card come from the tables, whoever writes them anew."""
    if len(scores.elsewhere):
        again = write_measured(release, scores.elsewhere, tmp_path, release.version)
    else:
        again = tmp_path
        for kind in release.manifest["weights"]:
            shutil.copyfile(release.file(kind), again / release.file(kind).name)
        scores.write(again)
        describe(again, release.manifest)
    assert {path.name for path in again.iterdir()} == {
        path.name for path in release.folder.iterdir()
    }
    for path in release.folder.iterdir():
        if path.name not in (CARD, MANIFEST):
            assert (again / path.name).read_bytes() == path.read_bytes(), path.name
    assert manifest_of(again) == manifest_of(release.folder)
    assert figures_of(again / CARD) == figures_of(release.folder / CARD)


def manifest_of(folder):
    """The lines of a manifest, without the hash of the card, whose sentences may have changed since."""
    lines = (folder / MANIFEST).read_text().splitlines()
    return [line for line in lines if f'"{CARD}":' not in line]


@pytest.mark.parametrize("name", ["README.md", "docs/model.md"])
def test_the_readme_and_the_page_of_the_model_name_the_release_and_its_card(release, name):
    page = (REPOSITORY / name).read_text()
    assert f"`{release.title}`" in page
    assert f"releases/{release.folder.name}/MODEL_CARD.md" in page


def test_the_readme_tells_the_five_figures(release):
    """Of which three are a detector's: the shipped release has one."""
    readme, metrics = (REPOSITORY / "README.md").read_text(), release.manifest["metrics"]
    detector = metrics["detector"]
    for key, figure in (
        ("auroc", detector["fracatlas"]["auroc"]),
        ("auroc", detector["without_fracatlas"]["auroc"]),
        ("focus", detector["fracatlas"]["places"]["focus"]),
        ("accuracy", metrics["types"]["accuracy"]),
        ("refused", metrics["assessable"]["false_refusals"]),
    ):
        low, high = (shown(key, bound) for bound in figure["interval"])
        row = f"| {shown(key, figure['value'])} % | {low} – {high} % |"
        assert (row if key != "auroc" else row.replace(" %", "")) in readme, row


def shown(key, number):
    return f"{number:.3f}" if key == "auroc" else f"{100 * number:.1f}"


def test_no_group_is_in_two_folds_of_a_repeat(scores):
    for part in (scores.types, scores.bones, scores.non_radiographs):
        fold_of = {}
        for group, repeat, fold in zip(part.groups, part.repeats, part.folds, strict=True):
            assert fold_of.setdefault((group, repeat), fold) == fold
    folds = scores.detector.where(np.char.startswith(scores.detector.splits, FOLD_PREFIX))
    part_of = {}
    for group, part in zip(folds.groups, folds.splits, strict=True):
        assert part_of.setdefault(group, part) == part


def test_the_recipe_is_one_of_the_shipped_ones(release):
    """But for which release its types come from, and, where it has no detector, for what makes its call."""
    config = completed(Config, {"detector": None, **release.manifest["config"]})
    config.pop("types_of", None)
    recipes = [Config.read(path).as_dict() for path in RECIPE.parent.glob("*.toml")]
    if config["detector"] is None:
        call = ("detector", "fracture_epochs", "fracture_rate", "probe_strength")
        recipes = [{**recipe, **{name: config[name] for name in call}} for recipe in recipes]
    assert config in recipes


def test_the_card_has_the_figures_of_the_manifest(release, tmp_path):
    """A release is never changed: its card may have older sentences, but no other figures in its tables."""
    manifest = {key: value for key, value in release.manifest.items() if key != "files"}
    (tmp_path / CARD).write_text(model_card(manifest))
    rows = figures_of(tmp_path / CARD)
    assert len(rows) > 100
    assert rows == figures_of(release.folder / CARD)


def figures_of(card):
    """The numbers of each row of a card's tables, without its heads and the first column's titles."""
    lines = card.read_text().splitlines()
    heads = {at - 1 for at, line in enumerate(lines) if line.startswith("| ---")}
    heads |= {at + 1 for at in heads}
    rows = [line for at, line in enumerate(lines) if line.startswith("| ") and at not in heads]
    return [re.findall(r"\d[\d.,]*", row.split(" | ", 1)[1]) for row in rows if " | " in row]


def test_the_plots_draw_what_the_manifest_says(release):
    drawn = {plot_file(name): svg for name, svg in plots(release.manifest["metrics"]).items()}
    assert {path.name for path in release.folder.glob("plot_*")} == set(drawn)
    for name, svg in drawn.items():
        assert (release.folder / name).read_text() == standalone(svg), name


def test_the_release_is_no_larger_than_45_megabytes():
    assert sum(path.stat().st_size for path in RELEASES.rglob("*")) < 45_000_000
