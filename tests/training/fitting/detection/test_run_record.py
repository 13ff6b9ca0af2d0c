"""A run's detectors and kinds head belong to one recipe and one state of the data."""

import json
import shutil
from dataclasses import replace

import pytest

from training.datasets.training_data import read_training_data
from training.fitting.detection.splits import detector_split_names, detector_splits
from training.fitting.splits import split_names, splits


def test_a_run_belongs_to_one_recipe(detected, capsys):
    text = detected.config.read_text()
    other = detected.config.with_name("other.toml")
    other.write_text(text.replace("healthy = 8", "healthy = 9"))
    command = ["--config", str(other), "--only", "detector-*"]
    assert detected.command("fit", *command) == 1
    said = capsys.readouterr().err
    assert "was started with another configuration: detector.healthy differs" in said
    # A run of before that was told there.
    (detected.run / "run.json").rename(detected.run / "told.json")
    assert detected.command("fit", *command) == 1
    (detected.run / "told.json").rename(detected.run / "run.json")
    assert "was started with another recipe, backbone or data" in capsys.readouterr().err


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
    data = read_training_data(detected.data, config, [], progress=False)
    assert split_names(config) == [part.name for part in splits(config, data)]


def test_the_kinds_head_of_a_run_belongs_to_one_state_of_the_data(detected, tmp_path, capsys):
    """Also where no picture is read for it, and where the manifest still names what is gone."""
    project = replace(detected, run=shutil.copytree(detected.run, tmp_path / "run"))
    project = replace(project, data=shutil.copytree(detected.data, tmp_path / "data"))
    assert project.command("fit", "--only", "detector-final") == 0
    next((project.data / "bone-break").rglob("2.png")).unlink()
    for only, said in (("detector-final", "fitted on other data"), ("*", "other data")):
        assert project.command("fit", "--only", only) == 1
        assert said in capsys.readouterr().err
    # A run whose types are trained later, of before it told its data at once.
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
