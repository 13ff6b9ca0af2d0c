"""All data sets of a run: what is missing is named, and what is read is told by a hash."""

import csv
import shutil
from dataclasses import replace

import numpy as np
import pytest

from classifier.labels import CLASSES
from tests.training.drawn import COLUMNS, draw_bones, draw_dataset, write_manifest
from training.datasets.dataset import grouped_folds, load
from training.datasets.fracture_types import read_rows
from training.datasets.training_data import read_training_data
from training.errors import TrainingError


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


def test_material_names_what_is_missing(tmp_path, trained):
    with pytest.raises(TrainingError, match="bone-break"):
        read_training_data(tmp_path, trained.recipe, [], False)


def test_extra_pictures_join_and_need_not_be_of_every_class(trained, tmp_path):
    extra = draw_dataset(tmp_path / "bone-break", 1, seed=9)
    spiral = [row for row in manifest(extra) if "Spiral" in row["class"]]
    rewrite(extra, spiral)
    draw_bones(tmp_path / "multi-region", 2, seed=9)
    alone = read_training_data(trained.data, trained.recipe, [], False)
    more = read_training_data(trained.data, trained.recipe, [tmp_path], False)
    assert len(more.types) == len(alone.types) + len(spiral)
    assert len(more.bones) == len(alone.bones) + 4
    assert more.fingerprint["types"]["sha256"] != alone.fingerprint["types"]["sha256"]
    assert "extra" not in alone.fingerprint
    assert more.fingerprint["extra"]["pictures"] == len(spiral) + 4
    assert {row.split for row in more.types.rows if row.path.is_relative_to(tmp_path)} == {""}
    with pytest.raises(TrainingError, match="holds neither"):
        read_training_data(trained.data, trained.recipe, [tmp_path / "bone-break"], False)


@pytest.mark.parametrize(
    ("part", "name", "complaint"),
    [
        ("bone-break", "Spiral fracture", "no usable picture of: spiral"),
        ("multi-region", "fractured", "lacks pictures below 'fractured'"),
    ],
)
def test_a_class_of_which_nothing_can_be_read_is_an_error(trained, tmp_path, part, name, complaint):
    shutil.copytree(trained.data, tmp_path, dirs_exist_ok=True)
    for path in (tmp_path / part / name).rglob("*.png"):
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(TrainingError, match=complaint):
        read_training_data(tmp_path, trained.recipe, [], False)


def test_the_outside_set_does_not_come_in_as_extra(trained, tmp_path):
    shutil.copytree(trained.data / "fracatlas", tmp_path / "multi-region")
    with pytest.raises(
        TrainingError, match="in the external test set, which nothing may be trained on"
    ):
        read_training_data(trained.data, trained.recipe, [tmp_path], False)


def test_the_hash_names_pictures_and_labels_but_not_their_order(drawn):
    dataset = load(read_rows(drawn), CLASSES, 16, print, progress=False)
    turned = replace(dataset, rows=dataset.rows[::-1], pixels=dataset.pixels[::-1])
    fewer = replace(dataset, rows=dataset.rows[1:], pixels=dataset.pixels[1:])
    assert turned.sha256 == dataset.sha256 != fewer.sha256


def test_folds_hold_whole_groups_and_all_classes():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(200), 3).astype(str)
    labels = np.repeat(rng.integers(0, 10, 200), 3)
    folds = grouped_folds(labels, groups, 5, seed=1)
    for group in np.unique(groups):
        assert len(set(folds[groups == group])) == 1
    for fold in range(5):
        assert set(labels[folds == fold]) == set(range(10))


def test_folds_are_the_seeds():
    groups, labels = np.arange(100).astype(str), np.arange(100) % 10
    first, again, other = (grouped_folds(labels, groups, 5, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_more_folds_than_groups_are_refused():
    with pytest.raises(TrainingError, match="too few groups for 5 folds"):
        grouped_folds(np.arange(6) % 3, np.arange(6).astype(str), 5, 0)
