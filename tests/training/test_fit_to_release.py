"""fit, evaluate, export and classify, end to end on drawn pictures."""

import json

import numpy as np
import pytest

from classifier.__main__ import main as classify
from classifier.classify import Classifier
from classifier.labels import CLASSES
from classifier.radiograph import read_radiograph
from classifier.release import load_release
from training.data import load, read_rows
from training.evaluate import evaluate
from training.scores import OutOfFold


@pytest.fixture(scope="module")
def folder(trained):
    return trained.releases / "drawn-0.1.0"


def test_the_release_loads_and_holds_what_it_was_made_from(trained, folder):
    release = load_release(folder)
    assert release.title == "drawn 0.1.0"
    assert release.preprocessing.size == 64
    assert release.manifest["data"]["pictures"] == 40
    assert release.manifest["config"] == trained.recipe.as_dict()
    assert set(release.manifest["files"]) == {each.name for each in folder.iterdir()} - {
        "manifest.json"
    }


def test_the_release_classifies_at_the_command_line(trained, folder, capsys):
    picture = next(trained.data.glob("Spiral*/Train/0.png"))
    assert classify(["classify", str(picture), "--json", "--release", str(folder)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer["probabilities"]) == set(CLASSES)
    assert answer["release"] == "drawn 0.1.0"


def test_evaluate_prints_the_figures_of_the_manifest(trained, folder, capsys):
    assert trained.command("evaluate") == 0
    figures = json.loads(capsys.readouterr().out)
    released = load_release(folder).manifest["metrics"]
    # The stored scores are rounded to six decimals, which no figure shows.
    assert figures == released


def test_the_scores_in_the_release_give_its_figures_again(trained, folder):
    scores = OutOfFold.read(folder / "out_of_fold.csv")
    assert evaluate(scores, trained.recipe.seed) == load_release(folder).manifest["metrics"]


def test_no_group_is_in_two_folds(folder):
    scores = OutOfFold.read(folder / "out_of_fold.csv")
    for group in np.unique(scores.groups):
        assert len(np.unique(scores.folds[scores.groups == group])) == 1
    assert set(scores.folds) == {0, 1}


def test_serving_sees_what_training_saw(trained, folder):
    """The final network's logits on a picture, by training's own path and by the served one."""
    from classifier.network import load_weights
    from training.fit import predict

    recipe = trained.recipe
    dataset = load(read_rows(trained.data), recipe.size, print, progress=False)
    network = load_weights(trained.run / "final.safetensors")
    inside = predict(network, dataset, np.array([7]), recipe)[0]
    path = dataset.rows[7].path
    (finding,) = Classifier(folder).classify([read_radiograph(path.read_bytes(), path.name)])
    # Training keeps pictures as 8 bits and serving does not round: far less than any real difference.
    assert inside == pytest.approx(np.array(list(finding.scores.values())), abs=0.1)


def test_the_card_says_that_no_healthy_bone_is_known(folder):
    card = (folder / "MODEL_CARD.md").read_text()
    accuracy = load_release(folder).manifest["metrics"]["accuracy"]["value"]
    assert "knows no healthy bone" in card
    assert f"| accuracy | {100 * accuracy:.1f} % |" in card


def test_a_finished_run_is_not_trained_again(trained):
    before = {path: path.stat().st_mtime_ns for path in trained.run.glob("*.safetensors")}
    assert trained.command("fit") == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_unfinished_run_is_not_released(trained, tmp_path, capsys):
    elsewhere = type(trained)(trained.data, trained.config, tmp_path / "none", tmp_path)
    assert elsewhere.command("export", "--releases", str(tmp_path)) == 1
    assert "Run fit" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
