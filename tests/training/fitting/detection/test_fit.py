"""From drawn collections with boxes to a release of format 3, by the commands."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.fitting.test_resume import kill_after_an_epoch
from training.datasets.detector_pictures import read_pictures
from training.fitting.detection.augmented_views import DetectorViews
from training.fitting.training_state import TrainingState
from training.storage.files import read_arrays
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


def stopped(*arguments: object) -> None:
    raise KeyboardInterrupt


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


def files(project) -> list[Path]:
    return [*project.data.glob("fracatlas/*/*.png"), *project.data.glob("*/*/*.png")]


def test_a_picture_that_can_not_be_read_is_named_once_and_left_out(detected, tmp_path, caplog):
    data = tmp_path / "data"
    shutil.copytree(detected.data, data)
    path = data / "boxes" / "images" / "3.png"
    path.write_bytes(path.read_bytes()[:-200])
    found = read_pictures(data, 80, progress=False)
    assert len(found) == len(read_pictures(detected.data, 80, progress=False)) - 1
    (told,) = [record.message for record in caplog.records if "left out" in record.message]
    assert told.count("3.png") == 1
