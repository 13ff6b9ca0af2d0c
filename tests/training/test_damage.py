"""What a full disk or a kill may leave of a run: one sentence names it, and nothing else is touched."""

import shutil
from dataclasses import replace

import pytest

from tests.training.conftest import Project


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


def test_a_damaged_checkpoint_is_named(copy, capsys):
    (copy.run / "final.npz").unlink()
    (copy.run / "final-member-0.checkpoint").write_bytes(b"no checkpoint")
    assert copy.command("fit") == 1
    assert "final-member-0.checkpoint is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["shipped", "repeat-0-fold-1", "final"])
def test_a_run_that_lacks_a_part_is_unfinished(copy, tmp_path, capsys, name):
    (copy.run / f"{name}.npz").unlink()
    assert copy.command("export", "--releases", str(tmp_path / "releases")) == 1
    assert f"unfinished: {name} is not trained yet" in capsys.readouterr().err


def test_a_folder_that_can_not_be_made_is_named(copy, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert copy.command("export", "--releases", str(tmp_path / "file")) == 1
    assert f"training: {tmp_path / 'file'}" in capsys.readouterr().err
