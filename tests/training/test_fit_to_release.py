"""fit, evaluate, export and classify, end to end on drawn pictures."""

import hashlib
import json

import numpy as np
import pytest
import torch
from PIL import Image

from classifier.__main__ import main as classify
from classifier.assessability import KINDS
from classifier.classify import Classifier
from classifier.engines.onnx import OnnxEngine
from classifier.engines.torch import TorchEngine
from classifier.labels import CLASSES
from classifier.network import load_weights
from classifier.preprocess import network_input
from classifier.radiograph import read_radiograph
from classifier.release import load_release
from training.datasets.dataset import load
from training.datasets.fracture_types import read_rows
from training.evaluation.evaluate import evaluate
from training.evaluation.scores import RunScores
from training.networks.device import Device
from training.publishing.card.model_card import model_card
from training.publishing.figure_labels import percent


@pytest.fixture(scope="module")
def folder(trained):
    return trained.releases / "drawn-0.1.0"


@pytest.fixture(scope="module")
def pictures(trained):
    paths = sorted((trained.data / "bone-break").glob("*/*/0.png"))[:4]
    return [read_radiograph(path.read_bytes(), path.name) for path in paths]


def answer_of(capsys) -> dict:
    return json.loads(capsys.readouterr().out)


def test_the_release_loads_and_holds_what_it_was_made_from(trained, folder):
    release = load_release(folder)
    assert release.title == "drawn 0.1.0"
    assert release.preprocessing.size == 64
    assert release.manifest["data"]["types"]["pictures"] == 40
    assert release.manifest["config"] == trained.recipe.as_dict()
    assert set(release.manifest["files"]) == {each.name for each in folder.iterdir()} - {
        "manifest.json"
    }


def test_a_line_of_classify_carries_all_that_is_promised(trained, folder, capsys):
    picture = next((trained.data / "bone-break").glob("Spiral*/Train/0.png"))
    assert classify(["classify", str(picture), "--json", "--release", str(folder)]) == 0
    answer = answer_of(capsys)
    assert set(answer["probabilities"]) == set(CLASSES)
    assert answer["release"] == "drawn 0.1.0"
    # So young a network may take the drawing for no bone: then no chance of a fracture is told.
    chance = answer["fracture_probability"]
    assert 0 <= chance <= 1 if answer["assessable"] else chance is None
    assert set(answer) >= {
        *("file", "assessable", "reason", "fracture_probability", "call", "probabilities"),
        *("top_class", "confidence", "rival_class", "prediction_set", "release", "milliseconds"),
    }


@pytest.mark.parametrize("value", [0, 90])
def test_a_blank_is_refused_with_its_reason_and_exits_0(value, folder, tmp_path, capsys):
    Image.fromarray(np.full((90, 80), value, np.uint8)).save(tmp_path / "blank.png")
    command = ["classify", str(tmp_path / "blank.png"), "--release", str(folder)]
    assert classify([*command, "--json"]) == 0
    answer = answer_of(capsys)
    assert (answer["assessable"], answer["call"]) == (False, None)
    assert "blank or noise" in answer["reason"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert classify(command) == 0
    assert "not assessable: There is no picture" in capsys.readouterr().out


@pytest.mark.parametrize(("side", "small"), [(95, True), (96, False)])
def test_a_thumbnail_is_refused_as_too_small(side, small, trained, folder, tmp_path, capsys):
    radiograph = Image.open(next((trained.data / "bone-break").glob("Spiral*/Train/0.png")))
    radiograph.resize((60, side)).save(tmp_path / "thumbnail.png")
    command = ["classify", str(tmp_path / "thumbnail.png"), "--json", "--release", str(folder)]
    assert classify(command) == 0
    answer = answer_of(capsys)
    assert ("too small" in (answer["reason"] or "")) == small
    if small:
        assert (answer["assessable"], answer["call"]) == (False, None)


def test_evaluate_prints_the_figures_of_the_manifest(trained, folder, capsys):
    released = load_release(folder).manifest["metrics"]
    assert trained.command("evaluate", "--scores", str(folder)) == 0
    assert answer_of(capsys) == released
    assert trained.command("evaluate") == 0
    assert answer_of(capsys) == released


def test_the_scores_in_the_release_give_its_figures_again(trained, folder):
    again = evaluate(RunScores.read(folder), trained.recipe.seed)
    assert again == load_release(folder).manifest["metrics"]


def test_the_outside_set_was_measured_as_it_is_served(trained, folder):
    measured, engine = RunScores.read(folder).external_test, OnnxEngine(load_release(folder))
    paths = [*(trained.data / "fracatlas").rglob("*.png")]
    assert len(measured) == len(paths) > 0
    for path in paths:
        content = path.read_bytes()
        batch = network_input(
            read_radiograph(content, path.name).pixels, load_release(folder).preprocessing
        )
        said = engine.run(batch[None])
        (row,) = np.flatnonzero(measured.ids == hashlib.sha256(content).hexdigest()[:16])
        # Two engines in single precision, and scores of four decimals.
        assert said.fracture[0] == pytest.approx(measured.fracture[row], abs=2e-4, rel=1e-4)
        assert said.kinds[0] == pytest.approx(measured.kinds[row], abs=2e-4, rel=1e-4)


def test_no_group_is_in_two_folds(folder):
    scores = RunScores.read(folder)
    for part in (scores.types, scores.bones, scores.non_radiographs):
        for group in np.unique(part.groups):
            assert len(np.unique(part.folds[part.groups == group])) == 1
    assert set(scores.types.folds) == {0, 1}


def test_both_engines_say_the_same(folder, pictures):
    release = load_release(folder)
    batch = np.stack([network_input(each.pixels, release.preprocessing) for each in pictures])
    one, other = OnnxEngine(release), TorchEngine(release, device="cpu")
    first, second = one.run(batch), other.run(batch)
    for name in ("logits", "fracture", "kinds"):
        assert np.abs(getattr(first, name) - getattr(second, name)).max() < 1e-4, name
    scale = np.abs(second.features).max()
    assert np.abs(first.features - second.features).max() < 1e-4 * scale
    assert np.array_equal(one.head_weights, other.head_weights)
    assert first.kinds.shape == (4, len(KINDS))


def test_a_mirror_image_says_the_same_and_its_map_is_mirrored(folder, pictures):
    release = load_release(folder)
    batch = np.stack([network_input(each.pixels, release.preprocessing) for each in pictures])
    engine = OnnxEngine(release)
    as_is, mirrored = engine.run(batch), engine.run(np.ascontiguousarray(batch[..., ::-1]))
    assert np.abs(as_is.logits - mirrored.logits).max() < 1e-4
    assert np.abs(as_is.features - mirrored.features[..., ::-1]).max() < 1e-4


def test_the_release_is_half_as_large_as_its_weights_and_has_them_once(folder):
    network = load_weights(folder / "model.safetensors")
    whole = 4 * sum(each.numel() for each in network.parameters())
    assert (folder / "model.safetensors").stat().st_size < 0.55 * whole
    assert (folder / "model.onnx").stat().st_size < 0.03 * whole


def test_serving_sees_what_was_measured(trained, folder):
    """A picture by the path of the held-out scores and by the served one: input and logits."""
    recipe, rows = trained.recipe, read_rows(trained.data / "bone-break")[7:8]
    kept = load(rows, CLASSES, recipe.cache_size, print, progress=False).pixels
    inside = Device("cpu").inputs(kept, recipe.size)
    radiograph = read_radiograph(rows[0].path.read_bytes(), rows[0].path.name)
    served = network_input(radiograph.pixels, load_release(folder).preprocessing)
    assert served == pytest.approx(inside[0].numpy(), abs=1e-5)
    with torch.no_grad():
        logits = load_weights(trained.run / "final.safetensors").eval()(inside).logits[0]
    (finding,) = Classifier(folder).classify([radiograph])
    # The release holds half precision.
    assert list(finding.scores.values()) == pytest.approx(logits.numpy(), abs=0.03)


def test_the_card_says_what_the_manifest_says(folder):
    manifest = dict(load_release(folder).manifest)
    manifest.pop("files")
    card = (folder / "MODEL_CARD.md").read_text()
    assert card == model_card(manifest)
    accuracy = manifest["metrics"]["types"]["accuracy"]["value"]
    assert f"| accuracy | {percent(accuracy)} |" in card
    assert "On a healthy bone they mean nothing" in card
    for heading in ("Intended use", "Limits", "Data", "Figures: the ten types", "Calibration"):
        assert f"## {heading}" in card


def test_a_finished_run_is_not_trained_again(trained):
    before = {path: path.stat().st_mtime_ns for path in trained.run.glob("*.npz")}
    assert len(before) == 4
    assert trained.command("fit") == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_an_unfinished_run_is_not_released(trained, tmp_path, capsys):
    elsewhere = type(trained)(trained.data, trained.config, tmp_path / "none", tmp_path)
    assert elsewhere.command("export", "--releases", str(tmp_path)) == 1
    assert "training fit" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_the_last_release(trained, folder, monkeypatch):
    before = sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir())

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("training.publishing.export.write_onnx", fail)
    assert trained.command("export", "--releases", str(trained.releases)) == 130
    assert [path.name for path in trained.releases.iterdir()] == [folder.name]
    assert sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir()) == before


def test_two_exports_are_the_same_to_the_byte(trained, folder, tmp_path):
    assert trained.command("export", "--releases", str(tmp_path)) == 0
    for path in folder.iterdir():
        assert (tmp_path / folder.name / path.name).read_bytes() == path.read_bytes(), path.name
