"""Bones are read by state and grouped by their manifest."""

import shutil

import pytest

from tests.training.drawn import draw_bones, draw_dataset, write_manifest
from training.datasets.bones import read_bones
from training.errors import TrainingError


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture
def folder(drawn, tmp_path):
    return shutil.copytree(drawn, tmp_path / "data")


def test_bones_of_which_the_manifest_knows_nothing_are_refused(tmp_path):
    folder = draw_bones(tmp_path / "multi-region", 4)
    shutil.copy(folder / "fractured" / "0.png", folder / "fractured" / "turned.png")
    with pytest.raises(TrainingError, match=r"whose twin fractured/turned\.png is"):
        read_bones(folder)
    write_manifest(folder, [["fractured/0.png"]], ("path",))
    with pytest.raises(TrainingError, match="lacks the columns"):
        read_bones(folder)


def test_bones_are_told_by_their_folder_and_grouped_by_their_manifest(tmp_path):
    rows = read_bones(draw_bones(tmp_path, 4))
    assert sorted((row.path.parent.name, row.label) for row in rows[::4]) == [
        ("fractured", 1),
        ("not-fractured", 0),
    ]
    assert len({row.group for row in rows}) == 4


def test_bones_without_a_manifest_are_an_error_since_turned_copies_would_leak(tmp_path):
    (draw_bones(tmp_path, 4) / "manifest.csv").unlink()
    with pytest.raises(TrainingError, match="training audit"):
        read_bones(tmp_path)
    assert len({row.group for row in read_bones(tmp_path, grouped=False)}) == 8


def test_bones_of_one_state_only_are_an_error(tmp_path):
    shutil.rmtree(draw_bones(tmp_path, 2) / "fractured")
    with pytest.raises(TrainingError, match="lacks pictures"):
        read_bones(tmp_path)
