"""From drawn collections with boxes to a release of format 3, by the commands."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from classifier.classify import Classifier
from classifier.detector import load_detector
from classifier.engines.onnx import OnnxEngine
from classifier.engines.torch import TorchEngine
from classifier.network import load_weights
from classifier.radiograph import read_radiograph
from classifier.release import load_release
from training.claims import in_turn
from training.detected.gathered import gathered
from training.detection.pictures import read_pictures
from training.detection.views import Views
from training.files import read_arrays, read_network
from training.scores import RunScores


def test_every_picture_is_held_out_once_and_its_group_with_it(detected, pictures):
    folds = [read_arrays(path) for path in sorted(detected.run.glob("detector-repeat-0-*.npz"))]
    ids = np.concatenate([fold["ids"] for fold in folds])
    assert len(folds) == 2
    assert sorted(ids) == sorted(row.sha256[:16] for row in pictures.rows)
    groups = [set(fold["groups"]) for fold in folds]
    assert not groups[0] & groups[1]


def test_a_collection_that_is_left_out_is_measured_whole(detected, pictures):
    for name in ("fracatlas", "multi-region"):
        found = read_arrays(detected.run / f"detector-without-{name}.npz")
        assert set(found["collections"]) == {name}
        assert len(found["ids"]) == (pictures.collections == name).sum()


def test_a_killed_run_goes_on_with_what_is_not_done(detected, tmp_path):
    path = detected.run / "detector-repeat-0-fold-1.npz"
    kept, weights = path.read_bytes(), path.with_suffix(".safetensors")
    first = load_detector(weights).state_dict()
    path.unlink()
    weights.unlink()
    assert detected.command("fit", "--only", "detector-repeat-0-fold-1") == 0
    again = load_detector(weights).state_dict()
    assert all((first[name] == again[name]).all() for name in first)
    found, before = read_arrays(path), tmp_path / "before.npz"
    before.write_bytes(kept)
    for name, array in read_arrays(before).items():
        assert np.array_equal(found[name], array), name


def test_what_lacks_its_scores_alone_is_scored_without_views(detected, tmp_path, monkeypatch):
    project = replace(detected, run=tmp_path / "run")
    shutil.copytree(detected.run, project.run)
    scores = project.run / "detector-repeat-0-fold-1.npz"
    before = scores.read_bytes()
    scores.unlink()
    monkeypatch.setattr(Views, "made", no_views)
    assert project.command("fit", "--only", "detector-repeat-0-fold-1") == 0
    assert scores.read_bytes() == before


def no_views(*arguments: object) -> Views:
    raise AssertionError("views are drawn")


def test_a_detector_that_another_process_trains_is_left_to_it(detected, tmp_path, caplog):
    """Of an unfinished run: two parts are not done."""
    project = replace(detected, run=tmp_path / "run")
    shutil.copytree(detected.run, project.run)
    for name in ("detector-repeat-0-fold-0", "detector-without-fracatlas"):
        (project.run / f"{name}.npz").unlink()
        (project.run / f"{name}.safetensors").unlink()
    with in_turn(project.run, "detector-repeat-0-fold-0"):  # as another process does
        assert project.command("fit", "--only", "detector-*") == 0
        assert "other processes train them: detector-repeat-0-fold-0" in caplog.text
        assert (project.run / "detector-without-fracatlas.npz").exists()
        assert not (project.run / "detector-repeat-0-fold-0.npz").exists()
        assert (project.run / "detector-views").exists()
    assert project.command("fit", "--only", "detector-*") == 0
    assert (project.run / "detector-repeat-0-fold-0.npz").exists()
    assert not (project.run / "detector-views").exists()


def test_a_run_belongs_to_one_recipe(detected, capsys):
    text = detected.config.read_text()
    other = detected.config.with_name("other.toml")
    other.write_text(text.replace("healthy = 8", "healthy = 9"))
    command = ["--config", str(other), "--only", "detector-*"]
    assert detected.command("fit", *command) == 1
    assert "was begun with another recipe, backbone or data" in capsys.readouterr().err


def test_a_recipe_with_a_detector_has_no_member_for_fractures(detected, tmp_path, capsys):
    said = detected.config.read_text()
    (tmp_path / "both.toml").write_text(
        said.replace("threads = 1", "threads = 1\nfracture_epochs = 2")
    )
    both = replace(detected, config=tmp_path / "both.toml", run=tmp_path / "run")
    assert both.command("fit") == 1
    assert "Delete fracture_epochs, or [detector]." in capsys.readouterr().err
    assert not both.run.exists()


def test_the_kinds_head_of_a_run_belongs_to_one_recipe(detected, tmp_path, capsys, caplog):
    """A run that was begun before this was remembered doesn't say, and is taken."""
    project = replace(detected, run=tmp_path / "run", config=tmp_path / "other.toml")
    shutil.copytree(detected.run, project.run)
    text = detected.config.read_text()
    project.config.write_text(text.replace("foreign_each = 1", "foreign_each = 2"))
    command = ["fit", "--only", "detector-repeat-0-fold-0"]
    assert project.command(*command) == 1
    assert "another recipe: foreign_each differs" in capsys.readouterr().err
    path = project.run / "kinds.json"
    told = json.loads(path.read_text())
    assert told.pop("recipe")["seed"] == 3
    path.write_text(json.dumps(told))
    assert project.command(*command) == 0
    assert "doesn't say by which recipe" in caplog.text


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


def test_what_was_measured_is_what_is_served(detected, released):
    """The final detector's scores of a picture, by the command's own path of pixels, on ONNX Runtime."""
    classifier = Classifier(released)
    assert load_release(released).detector is not None
    path = detected.data / "fracatlas" / "Fractured" / "IMG0000001.png"
    radiograph = read_radiograph(path.read_bytes(), path.name)
    (finding,) = classifier.classify([radiograph])
    torch_finding = Classifier(released, engine="torch").classify([radiograph])[0]
    assert finding.focus == torch_finding.focus
    assert finding.fracture_map == pytest.approx(torch_finding.fracture_map, abs=1e-4)


def test_a_recipe_that_looks_twice_gives_a_release_that_does(detected, released):
    """It says the same of a picture and of its mirror image, on either engine."""
    card = (released / "MODEL_CARD.md").read_text()
    assert "It looks at each picture and at its mirror image, and takes the mean." in card
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
    # The recipe asks for a member for fractures: beside a detector it is not trained at all.
    assert read_network(detected.run / "final.safetensors").members == served.members == 2
    parts = [path for path in detected.run.glob("*.npz") if path.stem.startswith("repeat-")]
    assert not any("bones_fracture" in read_arrays(path) for path in parts)
    of_run = RunScores.of_run(detected.run)  # what evaluate and report read
    for part in ("types", "bones", "foreign"):
        assert np.allclose(getattr(of_run, part).kinds, getattr(scores, part).kinds, atol=1e-4)


def test_a_picture_that_can_not_be_read_is_named_once_and_left_out(detected, tmp_path, caplog):
    data = tmp_path / "data"
    shutil.copytree(detected.data, data)
    path = data / "boxes" / "images" / "3.png"
    path.write_bytes(path.read_bytes()[:-200])
    found = read_pictures(data, 80, progress=False)
    assert len(found) == len(read_pictures(detected.data, 80, progress=False)) - 1
    (told,) = [record.message for record in caplog.records if "left out" in record.message]
    assert told.count("3.png") == 1


def test_the_scores_hold_no_place_of_a_true_box(detected, released):
    scores = gathered(detected.run)
    assert scores.boxes.sum() > 0
    header = (released / "scores_detector.csv").read_text().splitlines()[0]
    assert not {"x", "y", "x_center", "left"} & set(header.split(","))
