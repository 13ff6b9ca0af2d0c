"""What the shipped release claims is what its stored scores give, and it is made by the shipped recipe."""

import pytest

from classifier.classify import calibrated
from classifier.release import default_release_path, load_release
from tests.conftest import DATA
from training.__main__ import CONFIGS
from training.calibrate import fit_temperature, set_threshold
from training.card import model_card
from training.config import Config
from training.data import Dataset, read_rows
from training.evaluate import evaluate
from training.scores import OutOfFold

BONE_BREAK = DATA / "bone-break"


@pytest.fixture(scope="module")
def release():
    return load_release(default_release_path())


@pytest.fixture(scope="module")
def scores(release):
    return OutOfFold.read(release.folder / release.manifest["scores"])


def test_the_figures_are_those_of_the_stored_scores(release, scores):
    assert evaluate(scores, release.manifest["config"]["seed"]) == release.manifest["metrics"]


def test_temperature_and_threshold_are_those_of_the_stored_scores(release, scores):
    temperature = fit_temperature(scores.logits, scores.labels)
    threshold = set_threshold(calibrated(scores.logits, temperature), scores.labels)
    assert release.temperature == pytest.approx(temperature, abs=1e-5)
    assert release.set_threshold == pytest.approx(threshold, abs=1e-5)


def test_no_group_and_no_picture_is_in_two_folds(scores):
    fold_of = {}
    for group, fold in zip(scores.groups, scores.folds, strict=True):
        assert fold_of.setdefault(group, fold) == fold
    assert len(set(scores.sha256)) == len(scores.sha256)


def test_the_recipe_is_one_of_the_shipped_ones(release):
    recipes = [Config.read(path).as_dict() for path in CONFIGS.glob("*.toml")]
    assert release.manifest["config"] in recipes


def test_the_card_says_what_the_manifest_says(release):
    manifest = {key: each for key, each in release.manifest.items() if key != "files"}
    assert (release.folder / "MODEL_CARD.md").read_text() == model_card(manifest)


@pytest.mark.skipif(not BONE_BREAK.is_dir(), reason="the real pictures are not here (CALLUS_DATA)")
def test_the_data_is_the_data_that_is_here(release, scores):
    rows = read_rows(BONE_BREAK)
    here = {row.sha256: (row.group, row.label) for row in rows}
    assert Dataset(rows, None).sha256 == release.manifest["data"]["sha256"]
    for sha256, group, label in zip(scores.sha256, scores.groups, scores.labels, strict=True):
        assert here[sha256] == (group, label)
