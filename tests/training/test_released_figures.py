"""What the shipped release claims is what its stored scores give, and it is made by a shipped recipe."""

import pytest

from classifier.release import RELEASES, load_release
from training.__main__ import CONFIGS
from training.card import model_card
from training.config import Config
from training.evaluate import evaluate
from training.export import fitted
from training.page.charts import standalone
from training.plots import plot_file, plots
from training.scores import RunScores

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
    assert evaluate(scores, release.manifest["config"]["seed"]) == release.manifest["metrics"]


def test_every_fitted_number_is_that_of_the_stored_scores(release, scores):
    for name, value in fitted(scores).items():
        assert release.manifest[name] == value


def test_no_group_is_in_two_folds_of_a_repeat(scores):
    for part in (scores.types, scores.bones, scores.foreign):
        fold_of = {}
        for group, repeat, fold in zip(part.groups, part.repeats, part.folds, strict=True):
            assert fold_of.setdefault((group, repeat), fold) == fold


def test_the_recipe_is_one_of_the_shipped_ones(release):
    recipes = [Config.read(path).as_dict() for path in CONFIGS.glob("*.toml")]
    assert release.manifest["config"] in recipes


def test_the_card_says_what_the_manifest_says(release):
    manifest = {key: each for key, each in release.manifest.items() if key != "files"}
    assert (release.folder / "MODEL_CARD.md").read_text() == model_card(manifest)


def test_the_plots_draw_what_the_manifest_says(release):
    drawn = {plot_file(name): svg for name, svg in plots(release.manifest["metrics"]).items()}
    assert {path.name for path in release.folder.glob("plot_*")} == set(drawn)
    for name, svg in drawn.items():
        assert (release.folder / name).read_text() == standalone(svg), name


def test_the_release_is_no_larger_than_45_megabytes():
    assert sum(path.stat().st_size for path in RELEASES.rglob("*")) < 45_000_000
