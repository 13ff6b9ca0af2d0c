"""What a full disk or a kill may leave of a run: one sentence names it, and nothing else is touched."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.training.conftest import Project
from training.fitting.training_state import VERSION


@pytest.fixture
def copy(trained, tmp_path) -> Project:
    """The finished run, to be damaged."""
    return replace(trained, run=shutil.copytree(trained.run, tmp_path / "run"))


def cut(path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("run.json", "fit"),
        ("run.json", "evaluate"),
        ("run.json", "report"),
        ("repeat-0-fold-1.npz", "evaluate"),
        ("repeat-0-fold-0.npz", "report"),
        ("final.npz", "export"),
        ("final.safetensors", "export"),
    ],
)
def test_a_damaged_file_is_named(copy, tmp_path, capsys, file, command):
    cut(copy.run / file)
    more = ("--releases", str(tmp_path / "releases")) if command == "export" else ()
    assert copy.command(command, *more) == 1
    assert f"{copy.run / file} is damaged" in capsys.readouterr().err
    assert not list((tmp_path / "releases").glob("*"))


@pytest.mark.parametrize("file", ["repeat-0-fold-0.npz", "final.npz", "final.safetensors"])
def test_fit_names_a_damaged_part_and_makes_it_anew_when_it_is_deleted(copy, capsys, file):
    cut(copy.run / file)
    assert copy.command("fit") == 1
    assert f"{copy.run / file} is damaged. Delete it" in capsys.readouterr().err
    (copy.run / file).unlink()
    assert copy.command("fit") == 0
    assert (copy.run / file).is_file()


@pytest.mark.parametrize("command", ["fit", "evaluate", "report", "export"])
@pytest.mark.parametrize(
    "content", ["{}", "[]", '{"config": 1, "material": {}}', '{"config": {}, "material": {}}']
)
def test_a_run_that_does_not_tell_its_recipe_is_named(copy, tmp_path, capsys, content, command):
    (copy.run / "run.json").write_text(content)
    more = ("--releases", str(tmp_path / "releases")) if command == "export" else ()
    assert copy.command(command, *more) == 1
    said = capsys.readouterr().err
    assert f"{copy.run}" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        (None, "is a checkpoint of another version of Callus"),
        ({"course": "[]"}, "is a checkpoint of another version of Callus"),
        ({"course": "{}"}, "is a checkpoint of another version of Callus"),
        ({"course": "{"}, "is damaged"),
        ({"course": f'{{"version": {VERSION}}}'}, "does not fit the network under training"),
    ],
)
def test_a_checkpoint_that_can_not_be_gone_on_from_is_named(copy, capsys, metadata, said):
    (copy.run / "final.npz").unlink()
    checkpoint = copy.run / "final-member-0.checkpoint"
    save_file({"network.none": torch.zeros(3)}, checkpoint, metadata)
    assert copy.command("fit") == 1
    assert f"{checkpoint} {said}" in capsys.readouterr().err


def test_a_damaged_checkpoint_is_named(copy, capsys):
    (copy.run / "final.npz").unlink()
    (copy.run / "final-member-0.checkpoint").write_bytes(b"no checkpoint")
    assert copy.command("fit") == 1
    assert "final-member-0.checkpoint is damaged" in capsys.readouterr().err


def test_weights_of_another_shape_are_named(copy, tmp_path, capsys):
    weights = copy.run / "final.safetensors"
    with safe_open(weights, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(weights)
    tensors["head.weight"] = torch.zeros(10, 3)
    save_file(tensors, weights, metadata)
    assert copy.command("export", "--releases", str(tmp_path)) == 1
    assert f"{weights} is damaged" in capsys.readouterr().err


@pytest.fixture
def stored(trained, tmp_path) -> Path:
    """A release's folder, to be damaged."""
    (release,) = trained.releases.iterdir()
    return shutil.copytree(release, tmp_path / "release")


def test_scores_that_were_not_released_give_no_figures(trained, stored, capsys):
    table = stored / "scores_types.csv"
    table.write_text(table.read_text().replace("comminuted", "oblique"))
    assert trained.command("evaluate", "--scores", str(stored)) == 1
    assert f"{table} is not the file that was released" in capsys.readouterr().err


def test_a_release_that_tells_no_recipe_gives_figures_by_the_seed_at_hand(trained, stored, capsys):
    manifest = json.loads((stored / "manifest.json").read_text())
    del manifest["config"]
    (stored / "manifest.json").write_text(json.dumps(manifest))
    assert trained.command("evaluate", "--scores", str(stored)) == 0
    assert json.loads(capsys.readouterr().out) == manifest["metrics"]


@pytest.mark.parametrize("name", ["types", "bones", "foreign", "shipped", "outside", "deletion"])
@pytest.mark.parametrize("keep", [0.02, 0.987])
def test_cut_scores_are_named(trained, stored, capsys, name, keep):
    """Scores alone, without a manifest whose hashes would tell."""
    (stored / "manifest.json").unlink()
    table = stored / f"scores_{name}.csv"
    text = table.read_text()
    table.write_text(text[: int(keep * len(text))])
    assert trained.command("evaluate", "--scores", str(stored)) == 1
    assert f"{table} is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["bones", "foreign"])
def test_missing_scores_are_named(trained, stored, capsys, name):
    (stored / "manifest.json").unlink()
    (stored / f"scores_{name}.csv").unlink()
    assert trained.command("evaluate", "--scores", str(stored)) == 1
    assert f"{stored} lacks the scores of {name}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["shipped", "repeat-0-fold-1", "final"])
def test_a_run_that_lacks_a_part_is_unfinished(copy, tmp_path, capsys, name):
    (copy.run / f"{name}.npz").unlink()
    assert copy.command("export", "--releases", str(tmp_path / "releases")) == 1
    assert f"unfinished: {name} is not trained yet" in capsys.readouterr().err


def test_a_folder_that_can_not_be_made_is_named(copy, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert copy.command("export", "--releases", str(tmp_path / "file")) == 1
    assert f"training: {tmp_path / 'file'}" in capsys.readouterr().err
