"""A release of detectors: both networks, both engines, and what was measured is what is served."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.classify import Classifier
from classifier.engines.onnx import OnnxEngine
from classifier.engines.torch import TorchEngine
from classifier.network import load_weights
from classifier.peaks import fracture_map_of
from classifier.preprocess import network_input
from classifier.radiograph import read_radiograph
from classifier.release import load_release
from training.evaluation.detector.held_out import HeldOut
from training.evaluation.detector.run_scores import read_detector_scores
from training.evaluation.scores import RunScores
from training.storage.files import read_arrays, read_network


def test_the_release_has_both_networks_and_says_where_the_types_come_from(detected, released):
    manifest = json.loads((released / "manifest.json").read_text())
    assert manifest["format"] == 3
    assert manifest["config"]["types_of"] == "drawn 0.1.0"
    assert manifest["config"]["version"] == "0.2.0"
    assert manifest["config"]["fracture_epochs"] == 0  # that member was left behind
    assert manifest["detector"]["preprocessing"]["size"] == 64
    assert manifest["data"]["fracatlas"]["pictures"] == 24
    assert "recipe" not in manifest["data"]
    assert manifest["metrics"]["detector"]["fracatlas"]["pictures"] == 24


def test_both_engines_say_where_alike(detected, released):
    path = detected.data / "fracatlas" / "Fractured" / "IMG0000001.png"
    radiograph = read_radiograph(path.read_bytes(), path.name)
    (finding,) = Classifier(released).classify([radiograph])
    torch_finding = Classifier(released, engine="torch").classify([radiograph])[0]
    assert finding.focus == torch_finding.focus
    assert finding.fracture_map == pytest.approx(torch_finding.fracture_map, abs=1e-4)


def test_what_was_measured_is_what_is_served(detected, trained, tmp_path):
    """A fold's network, released as it would be: it says of the fold's held-out files what was measured."""
    project = replace(detected, run=shutil.copytree(detected.run, tmp_path / "run"))
    fold = project.run / "detector-repeat-0-fold-0.safetensors"
    shutil.copy(fold, project.run / "detector-final.safetensors")
    types = ("--types", str(next(trained.releases.iterdir())))
    assert project.command("export", "--releases", str(tmp_path / "releases"), *types) == 0
    release = load_release(next((tmp_path / "releases").iterdir()))
    held, scores = HeldOut.read(fold.with_suffix(".npz")), RunScores.read(release.folder).detector
    own = scores.where(scores.splits == held.split)
    path_of = {hashlib.sha256(path.read_bytes()).hexdigest()[:16]: path for path in files(project)}
    engine, said = OnnxEngine(release), []
    for name in held.arrays["ids"]:
        radiograph = read_radiograph(path_of[name].read_bytes(), path_of[name].name)
        specs = (release.preprocessing, release.detector.preprocessing)
        inputs = [network_input(radiograph.pixels, spec)[None] for spec in specs]
        said.append(engine.run(*inputs))
    heat, fracture = held.arrays["heat"].astype(np.float32), held.arrays["fracture"]
    # The release holds half precision, the run's maps too; pictures differ by three times as much.
    close = 0.3 * float(min(fracture.std(), heat.std()))
    assert np.concatenate([each.heat for each in said]) == pytest.approx(heat, abs=close)
    assert np.concatenate([each.fracture for each in said]) == pytest.approx(fracture, abs=close)
    assert own.ids.tolist() == held.arrays["ids"].tolist()
    assert own.fracture == pytest.approx(fracture, abs=1e-4)
    # And through the whole of ``classify``: the call's probability is that of the measured score.
    pictures = [read_radiograph(path_of[n].read_bytes(), path_of[n].name) for n in own.ids[:4]]
    for finding, row in zip(Classifier(release.folder).classify(pictures), range(4), strict=True):
        lowest, highest = (release.call.probability(fracture[row] + off) for off in (-close, close))
        assert lowest <= finding.fracture_probability <= highest
        boxes = release.detector.boxes
        measured = fracture_map_of(heat[row], held.place(row), held.size, boxes)
        assert finding.fracture_map == pytest.approx(measured, abs=boxes.slope * close / 4)


def files(project) -> list[Path]:
    return [*project.data.glob("fracatlas/*/*.png"), *project.data.glob("*/*/*.png")]


def test_a_recipe_that_looks_twice_gives_a_release_that_does(detected, released):
    """It says the same of a picture and of its mirror image, on either engine."""
    card = (released / "MODEL_CARD.md").read_text()
    assert "Its outputs are the mean over each picture and its mirror image." in card
    rng = np.random.default_rng(4)
    types, looked_at = rng.normal(size=(2, 3, 3, 64, 64)).astype(np.float32)
    turned = np.ascontiguousarray(looked_at[..., ::-1])
    for engine in (OnnxEngine, TorchEngine):
        runs = engine(load_release(released))
        as_is, mirrored = runs.run(types, looked_at), runs.run(types, turned)
        assert np.abs(as_is.fracture - mirrored.fracture).max() < 1e-4
        assert np.abs(as_is.heat - mirrored.heat[..., ::-1]).max() < 1e-4
        assert np.abs(as_is.extent[:, 0] - mirrored.extent[:, 2, :, ::-1]).max() < 1e-3


def test_a_whole_run_is_measured_by_the_kinds_head_that_it_serves(detected, tmp_path):
    """Its types' parts have kinds heads of their own, which no release holds."""
    assert detected.command("fit") == 0
    assert detected.command("export", "--releases", str(tmp_path)) == 0
    (folder,) = tmp_path.iterdir()
    served, scores = load_weights(folder / "model.safetensors"), RunScores.read(folder)
    own = read_arrays(detected.run / "kinds.npz")
    assert np.allclose(served.kinds.weight.detach().numpy(), own["weight"], atol=1e-2, rtol=1e-3)
    known = dict(zip(own["types_ids"], own["types_kinds"], strict=True))
    for name, kinds in zip(scores.types.ids, scores.types.kinds, strict=True):
        assert np.allclose(kinds, known[name], atol=1e-4)
    # Beside a detector no member learns fracture or none.
    assert read_network(detected.run / "final.safetensors").members == served.members == 2
    parts = [path for path in detected.run.glob("*.npz") if path.stem.startswith("repeat-")]
    assert not any("bones_fracture" in read_arrays(path) for path in parts)
    of_run = RunScores.of_run(detected.run)  # what evaluate and report read
    for part in ("types", "bones", "non_radiographs"):
        assert np.allclose(getattr(of_run, part).kinds, getattr(scores, part).kinds, atol=1e-4)


def test_the_scores_hold_no_place_of_a_true_box(detected, released):
    scores = read_detector_scores(detected.run)
    assert scores.boxes.sum() > 0
    header = (released / "scores_detector.csv").read_text().splitlines()[0]
    assert not {"x", "y", "x_center", "left"} & set(header.split(","))
