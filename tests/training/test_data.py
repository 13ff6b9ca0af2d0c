"""What counts as training data, and that twins stay together."""

import csv
import shutil

import numpy as np
import pytest

from classifier.labels import CLASSES
from tests.conftest import DATA
from tests.training.drawn import COLUMNS, draw_dataset, folder_name, write_manifest
from training.data import grouped_folds, label_of, load, read_rows
from training.errors import TrainingError

BONE_BREAK = DATA / "bone-break"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture
def folder(drawn, tmp_path):
    return shutil.copytree(drawn, tmp_path / "data")


def manifest(folder) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def rewrite(folder, rows: list[dict[str, str]]) -> None:
    write_manifest(folder, [[row[name] for name in COLUMNS] for row in rows])


@pytest.mark.parametrize(("label", "name"), list(enumerate(CLASSES)))
def test_each_folder_name_is_its_class(label, name):
    assert CLASSES[label_of(folder_name(label))] == name


def test_a_folder_of_no_class_is_an_error():
    with pytest.raises(TrainingError, match="'Normal' is none of the ten"):
        label_of("Normal")


def test_conflicts_and_copies_are_left_out(folder):
    rows = manifest(folder)
    rows[0]["label_conflict"] = "1"
    rows[5]["dedup_keep"] = "0"
    rewrite(folder, rows)
    kept = {row.path.relative_to(folder).as_posix() for row in read_rows(folder)}
    assert kept == {row["path"] for row in rows} - {rows[0]["path"], rows[5]["path"]}


def test_a_class_without_pictures_is_named(folder):
    rewrite(folder, [row for row in manifest(folder) if "Spiral" not in row["class"]])
    with pytest.raises(TrainingError, match="no usable picture of: spiral"):
        read_rows(folder)


def test_a_manifest_without_groups_is_refused(folder):
    write_manifest(folder, [], tuple(name for name in COLUMNS if name != "group_id"))
    with pytest.raises(TrainingError, match="lacks the columns group_id"):
        read_rows(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(TrainingError, match="There is no data folder"):
        read_rows(tmp_path / "none")


def test_a_cut_picture_is_named_and_left_out(folder):
    rows = read_rows(folder)
    rows[3].path.write_bytes(rows[3].path.read_bytes()[:200])
    told = []
    dataset = load(rows, 32, told.append, progress=False)
    assert len(dataset.rows) == len(rows) - 1 == len(dataset.pixels)
    assert rows[3] not in dataset.rows
    (sentence,) = told
    assert rows[3].path.name in sentence


def test_the_hash_names_pictures_and_labels_but_not_their_order(drawn):
    dataset = load(read_rows(drawn), 16, print, progress=False)
    turned = type(dataset)(dataset.rows[::-1], dataset.pixels[::-1])
    fewer = type(dataset)(dataset.rows[1:], dataset.pixels[1:])
    assert turned.sha256 == dataset.sha256 != fewer.sha256


def test_folds_keep_groups_whole_and_take_every_picture_once():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 120, 400)
    labels = rng.integers(0, 10, 120)[groups]
    folds = grouped_folds(labels, groups.astype(str), 5, seed=1)
    assert set(folds) == set(range(5))
    assert all(len(set(folds[groups == group])) == 1 for group in set(groups))
    assert np.bincount(folds).min() > 60


@pytest.mark.skipif(not BONE_BREAK.is_dir(), reason="the real pictures are not here (CALLUS_DATA)")
def test_the_real_manifest_gives_distinct_pictures_and_whole_groups():
    rows = read_rows(BONE_BREAK)
    assert 700 < len(rows) < 927
    assert len({row.sha256 for row in rows}) == len(rows)
    groups = np.array([row.group for row in rows])
    folds = grouped_folds(np.array([row.label for row in rows]), groups, 5, seed=1)
    assert all(len(set(folds[groups == group])) == 1 for group in set(groups))
