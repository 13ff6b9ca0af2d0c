"""From drawn collections with boxes to a release of format 3, by the commands."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from classifier.classify import Classifier
from classifier.engines.onnx import OnnxEngine
from classifier.engines.torch import TorchEngine
from classifier.network import load_weights
from classifier.peaks import fracture_map_of
from classifier.preprocess import network_input
from classifier.radiograph import read_radiograph
from classifier.release import load_release
from tests.training.fitting.test_resume import kill_after_an_epoch
from training.datasets.detector_pictures import read_pictures
from training.datasets.training_data import read_training_data
from training.evaluation.detector.held_out import HeldOut
from training.evaluation.detector.run_scores import read_detector_scores
from training.evaluation.scores import RunScores
from training.fitting.detection.augmented_views import DetectorViews
from training.fitting.detection.splits import detector_split_names, detector_splits
from training.fitting.splits import split_names, splits
from training.fitting.training_state import TrainingState
from training.storage.files import read_arrays, read_network
from training.storage.locks import exclusive_lock


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


def test_a_killed_detector_goes_on_with_its_epoch_and_leaves_the_same_bytes(
    detected, tmp_path, monkeypatch
):
    project = replace(detected, run=shutil.copytree(detected.run, tmp_path / "run"))
    stem, command = "detector-repeat-0-fold-1", ("fit", "--only", "detector-repeat-0-fold-1")
    files = [project.run / f"{stem}{kind}" for kind in (".safetensors", ".npz")]
    before = [path.read_bytes() for path in files]
    for path in files:
        path.unlink()
    with monkeypatch.context() as patch:
        kill_after_an_epoch(patch)
        assert project.command(*command) == 130
    assert (project.run / f"{stem}.checkpoint").is_file()
    assert not any(path.exists() for path in files)
    torch.manual_seed(99)  # another process would begin with other random states
    epochs, save = [], TrainingState.save
    monkeypatch.setattr(
        TrainingState, "save", lambda self, path: (epochs.append(self.epochs), save(self, path))
    )
    assert project.command(*command) == 0
    assert epochs == [2]  # the first was not learnt again
    assert [path.read_bytes() for path in files] == before


def test_what_lacks_its_scores_alone_is_scored_without_views(detected, tmp_path, monkeypatch):
    project = replace(detected, run=tmp_path / "run")
    shutil.copytree(detected.run, project.run)
    scores = project.run / "detector-repeat-0-fold-1.npz"
    before = scores.read_bytes()
    scores.unlink()
    monkeypatch.setattr(DetectorViews, "of", no_views)
    assert project.command("fit", "--only", "detector-repeat-0-fold-1") == 0
    assert scores.read_bytes() == before


def no_views(*arguments: object) -> DetectorViews:
    raise AssertionError("views are drawn")


def test_a_detector_that_another_process_trains_is_left_to_it(detected, tmp_path, caplog):
    """Of an unfinished run: two parts are not done."""
    project = replace(detected, run=tmp_path / "run")
    shutil.copytree(detected.run, project.run)
    for name in ("detector-repeat-0-fold-0", "detector-without-fracatlas"):
        (project.run / f"{name}.npz").unlink()
        (project.run / f"{name}.safetensors").unlink()
    with exclusive_lock(project.run, "detector-repeat-0-fold-0"):  # as another process does
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
    said = capsys.readouterr().err
    assert "was begun with another configuration: detector.healthy differs" in said
    # A run of before that was told there.
    (detected.run / "run.json").rename(detected.run / "told.json")
    assert detected.command("fit", *command) == 1
    (detected.run / "told.json").rename(detected.run / "run.json")
    assert "was begun with another recipe, backbone or data" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("size = 64\nstored_size = 80", "size = 96\nstored_size = 96", "size, stored_size differs"),
        ("mirrored = true\n", "mirrored = false\n", "mirrored differs"),
        ("healthy = 8", "healthy = 9", "healthy differs"),
        ("seed = 3", "seed = 4", "seed differs"),
        ("foreign_each = 1", "foreign_each = 2", "foreign_each differs"),
    ],
)
@pytest.mark.parametrize("told", [True, False], ids=["with run.json", "without"])
def test_what_another_recipe_trained_is_not_released_as_this_one(
    detected, trained, tmp_path, capsys, was, now, said, told
):
    """``run.json`` tells of the whole recipe; a run of before that was told has what its parts tell."""
    before, _, detector = detected.config.read_text().partition("[detector]")
    there = detector if was in detector else before
    changed = there.replace(was, now)
    assert changed != there
    (tmp_path / "other.toml").write_text(
        f"{before}[detector]{changed}" if was in detector else f"{changed}[detector]{detector}"
    )
    project = replace(detected, run=tmp_path / "run", config=tmp_path / "other.toml")
    names = ("kinds.json", "detector.json", *(["run.json"] if told else []))
    project.run.mkdir()
    for name in names:  # what is refused is, before anything else is read
        shutil.copy(detected.run / name, project.run)
    types = str(next(trained.releases.iterdir()))
    for more in ((), ("--types", types)):
        assert project.command("export", "--releases", str(tmp_path / "releases"), *more) == 1
        assert said.replace("size, stored_size", "stored_size") in capsys.readouterr().err
    assert not list((tmp_path / "releases").glob("*"))


def test_types_that_see_pictures_otherwise_are_not_taken_over(detected, trained, tmp_path, capsys):
    """The run's kinds head stands on what their first blocks make of them."""
    release = shutil.copytree(next(trained.releases.iterdir()), tmp_path / "release")
    manifest = json.loads((release / "manifest.json").read_text())
    manifest["config"]["frozen_blocks"] = 11
    (release / "manifest.json").write_text(json.dumps(manifest))
    command = ("export", "--releases", str(tmp_path / "releases"), "--types", str(release))
    assert detected.command(*command) == 1
    assert "was made by another recipe: frozen_blocks differs" in capsys.readouterr().err


def test_a_run_begun_before_a_key_was_known_is_of_the_recipe_that_does_as_then(
    detected, tmp_path, capsys
):
    """``mirrored`` came after the first detectors, which did not look twice."""
    text = detected.config.read_text()
    first, second = text.split("[detector]")
    (tmp_path / "other.toml").write_text(
        f"{first}[detector]{second.replace('mirrored = true', 'mirrored = false')}"
    )
    project = replace(detected, run=tmp_path / "run", config=tmp_path / "other.toml")
    shutil.copytree(detected.run, project.run)
    for name, table in (("run.json", "config"), ("detector.json", None)):
        told = json.loads((project.run / name).read_text())
        recipe = told["config"]["detector"] if table else told["recipe"]
        assert recipe.pop("mirrored") is True
        (project.run / name).write_text(json.dumps(told))
    assert project.command("fit", "--only", "detector-repeat-0-fold-0") == 0
    assert replace(project, config=detected.config).command("fit") == 1
    assert "detector.mirrored differs" in capsys.readouterr().err


def test_detectors_are_not_trained_into_the_run_of_a_recipe_without_one(
    detected, trained, tmp_path, capsys
):
    project = replace(detected, run=shutil.copytree(trained.run, tmp_path / "run"))
    before = {path.name: path.read_bytes() for path in project.run.iterdir()}
    for only in ("detector-*", "*"):
        assert project.command("fit", "--only", only) == 1
        assert "another configuration" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in project.run.iterdir()} == before


def test_a_run_tells_its_recipe_before_anything_is_trained(detected, tmp_path, monkeypatch, capsys):
    """So that nothing of another one is trained into it."""
    project = replace(detected, run=tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr("training.fitting.kinds_head._fit_kinds", stopped)
        assert project.command("fit", "--only", "detector-*") == 130
    other = tmp_path / "other.toml"
    other.write_text(
        detected.config.read_text().replace("epochs = 2\nviews", "epochs = 3\nviews", 1)
    )
    capsys.readouterr()
    assert project.command("fit", "--config", str(other)) == 1
    assert "another configuration: epochs differs" in capsys.readouterr().err
    told = json.loads((project.run / "run.json").read_text())
    assert told["material"]["types"]["pictures"] == 40


def stopped(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_name_that_no_part_has_is_refused_before_anything_is_read(detected, tmp_path, capsys):
    project = replace(detected, run=tmp_path / "run", data=tmp_path / "no data")
    assert project.command("fit", "--only", "detector-typo") == 1
    said = capsys.readouterr().err
    for name in ("detector-repeat-0-fold-0", "detector-without-fracatlas", "detector-final"):
        assert name in said
    assert "repeat-0-fold-0, repeat-0-fold-1, shipped, final." in said
    assert not project.run.exists()


def test_the_names_are_those_of_the_parts(detected, pictures):
    config = detected.recipe
    assert detector_split_names(config) == [part.name for part in detector_splits(config, pictures)]
    material = read_training_data(detected.data, config, [], progress=False)
    assert split_names(config) == [part.name for part in splits(config, material)]


def test_the_types_alone_are_trained_without_the_detector_s_pictures(
    detected, tmp_path, monkeypatch
):
    def read(*arguments: object) -> None:
        raise AssertionError("the detector's pictures are read")

    monkeypatch.setattr("training.datasets.detector_pictures.read_pictures", read)
    monkeypatch.setattr("training.fitting.fit._fit_split", stopped)
    project = replace(detected, run=tmp_path / "run")
    assert project.command("fit", "--only", "repeat-*") == 130


@pytest.mark.parametrize("command", ["evaluate", "report", "export"])
def test_a_run_whose_detectors_are_missing_is_unfinished(
    detected, trained, tmp_path, capsys, command
):
    project = replace(detected, run=shutil.copytree(trained.run, tmp_path / "run"))
    told = json.loads((project.run / "run.json").read_text())
    told["config"] = detected.recipe.as_dict()
    (project.run / "run.json").write_text(json.dumps(told))
    for name in ("detector.json", "kinds.json", "kinds.npz"):
        shutil.copy(detected.run / name, project.run)
    types = ("--types", str(next(trained.releases.iterdir())))
    for more in ((), types) if command == "export" else ((),):
        releases = ("--releases", str(tmp_path / "releases")) if command == "export" else ()
        assert project.command(command, *releases, *more) == 1
        assert "unfinished: no detector is trained yet" in capsys.readouterr().err


def test_tables_that_say_nothing_of_fractures_give_no_figures(detected, released, tmp_path, capsys):
    stored = shutil.copytree(released, tmp_path / "stored")
    (stored / "manifest.json").unlink()
    for path in stored.glob("scores_detector*"):
        path.unlink()
    assert detected.command("evaluate", "--scores", str(stored)) == 1
    assert "lacks the scores of fracture or none: scores_detector.csv" in capsys.readouterr().err


def test_a_detector_that_is_cut_or_missing_is_named(detected, trained, tmp_path, capsys):
    project = replace(detected, run=shutil.copytree(detected.run, tmp_path / "run"))
    weights = project.run / "detector-final.safetensors"
    types = ("--types", str(next(trained.releases.iterdir())))
    export = ("export", "--releases", str(tmp_path / "releases"), *types)
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    for command in (("fit", "--only", "detector-final"), export):
        assert project.command(*command) == 1
        assert f"{weights} is damaged. Delete it" in capsys.readouterr().err
    weights.unlink()
    assert project.command(*export) == 1
    assert f"{weights} is not there: the run is unfinished" in capsys.readouterr().err


def test_the_kinds_head_of_a_run_belongs_to_one_state_of_the_data(detected, tmp_path, capsys):
    """Also where no picture is read for it, and where the manifest still names what is gone."""
    project = replace(detected, run=shutil.copytree(detected.run, tmp_path / "run"))
    project = replace(project, data=shutil.copytree(detected.data, tmp_path / "data"))
    assert project.command("fit", "--only", "detector-final") == 0
    next((project.data / "bone-break").rglob("2.png")).unlink()
    for only, said in (("detector-final", "fitted on other data"), ("*", "other data")):
        assert project.command("fit", "--only", only) == 1
        assert said in capsys.readouterr().err
    # A run whose types are trained later, of before it told its material at once.
    told = json.loads((project.run / "run.json").read_text())
    (project.run / "run.json").write_text(json.dumps({**told, "material": {}}))
    assert project.command("fit", "--only", "repeat-*") == 1
    assert "fitted on other data" in capsys.readouterr().err


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
    (project.run / "run.json").unlink()  # as before it told of the whole recipe
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
    # Beside a detector no member learns fracture or none.
    assert read_network(detected.run / "final.safetensors").members == served.members == 2
    parts = [path for path in detected.run.glob("*.npz") if path.stem.startswith("repeat-")]
    assert not any("bones_fracture" in read_arrays(path) for path in parts)
    of_run = RunScores.of_run(detected.run)  # what evaluate and report read
    for part in ("types", "bones", "non_radiographs"):
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
    scores = read_detector_scores(detected.run)
    assert scores.boxes.sum() > 0
    header = (released / "scores_detector.csv").read_text().splitlines()[0]
    assert not {"x", "y", "x_center", "left"} & set(header.split(","))
