"""Which folders are understood, and what is said of one that is not."""

import pytest

from tests.training.audit.pictures import draw, write
from training.datasets.layout import Picture, find_pictures, root_of
from training.errors import TrainingError


def folder_of(tmp_path, *paths: str):
    for path in paths:
        write(tmp_path / path, draw(0, (16, 16)))
    return tmp_path


@pytest.mark.parametrize(
    ("path", "label", "split"),
    [
        ("Spiral/a.jpg", "Spiral", ""),
        ("Spiral/Train/a.jpg", "Spiral", "Train"),
        ("Spiral/test/a.jpg", "Spiral", "Test"),
        ("train/not fractured/a.jpg", "not fractured", "Train"),
        ("valid/x/a.jpg", "x", "Val"),
        ("images/Spiral/deeper/a.PNG", "images", ""),
    ],
)
def test_class_and_split_are_read_from_the_folders(tmp_path, path, label, split):
    assert find_pictures(folder_of(tmp_path, path)) == [Picture(path, label, split)]


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("Bone Break/Bone Break/Spiral/Train/a.jpg", "Bone Break/Bone Break"),
        ("outer/train/fractured/a.jpg", "outer"),
    ],
)
def test_the_outer_folders_of_an_archive_are_gone_through(tmp_path, path, root):
    other = path.replace("Spiral", "Oblique").replace("train", "test")
    assert root_of(folder_of(tmp_path, path, other)) == tmp_path / root


@pytest.mark.parametrize("path", ["Spiral/a.jpg", "Spiral/Train/a.jpg", "train/x/a.jpg"])
def test_a_single_class_or_split_is_not_gone_through(tmp_path, path):
    assert root_of(folder_of(tmp_path, path)) == tmp_path


def test_other_files_hidden_ones_and_those_without_a_class_are_left_alone(tmp_path):
    folder = folder_of(tmp_path, "x/a.jpg", "stray.jpg", ".cache/x/b.jpg")
    (folder / "x" / "notes.txt").write_text("no picture")
    assert [each.path for each in find_pictures(folder)] == ["x/a.jpg"]


def test_an_empty_class_is_named(tmp_path):
    folder = folder_of(tmp_path, "x/Train/a.jpg")
    (folder / "Spiral" / "Train").mkdir(parents=True)
    with pytest.raises(TrainingError, match=r"class folder .*Spiral/Train is empty"):
        find_pictures(folder)


def test_a_folder_without_pictures_is_told_what_is_expected(tmp_path):
    with pytest.raises(TrainingError, match="no pictures in class folders"):
        find_pictures(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(TrainingError, match="There is no data folder"):
        root_of(tmp_path / "none")
