"""What counts as training data, and that twins stay together."""

import csv
import shutil
from dataclasses import replace

import pytest

from classifier.labels import CLASSES
from tests.conftest import DATA
from tests.training.drawn import COLUMNS, draw_dataset, folder_name, write_manifest
from training.datasets import manifests
from training.datasets import not_radiographs as annotated
from training.datasets.dataset import Dataset, Row, load
from training.datasets.fracture_types import label_of, read_rows
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


def usable(rows: list[Row], folder) -> set[str]:
    return {row.path.relative_to(folder).as_posix() for row in rows if row.usable}


@pytest.mark.parametrize(("label", "name"), list(enumerate(CLASSES)))
def test_each_folder_name_is_its_class(label, name):
    assert CLASSES[label_of(folder_name(label))] == name


def test_a_folder_of_no_class_is_an_error():
    with pytest.raises(TrainingError, match="'Normal' is none of the ten"):
        label_of("Normal")


def test_conflicts_and_copies_come_along_but_are_not_used(folder):
    rows = manifest(folder)
    rows[0]["label_conflict"] = "1"
    rows[5]["dedup_keep"] = "0"
    rewrite(folder, rows)
    found = read_rows(folder)
    assert len(found) == len(rows)
    assert usable(found, folder) == {row["path"] for row in rows} - {
        rows[0]["path"],
        rows[5]["path"],
    }


def test_where_the_kept_picture_is_no_radiograph_its_twin_is_measured_on(folder, monkeypatch):
    rows = manifest(folder)
    kept, twin, third = rows[:3]
    for row in (kept, twin, third):
        row["dup_id"], row["dedup_keep"] = "one", str(int(row is kept))
    rewrite(folder, rows)
    assert [row.usable for row in read_rows(folder)[:3]] == [True, False, False]
    monkeypatch.setattr(
        "training.datasets.fracture_types.not_radiographs", lambda: {kept["sha256"]: "slice"}
    )
    found = read_rows(folder)[:3]
    assert [row.usable for row in found] == [False, True, False]
    assert [row.trainable for row in found] == [False, True, True]


def test_with_label_sets_a_radiograph_under_two_classes_teaches_both_and_is_not_measured_on(folder):
    rows = manifest(folder)
    spiral = next(row for row in rows if "Spiral" in row["class"])
    for row in (rows[0], spiral):
        row["label_conflict"], row["dup_id"] = "1", "one-radiograph"
    rewrite(folder, rows)
    found = [row for row in read_rows(folder, label_sets=True) if row.conflict]
    assert [(row.trainable, row.usable) for row in found] == [(True, False)] * 2
    assert (found[0].label, found[0].also) == (0, (CLASSES.index("spiral"),))
    dataset = load(found[:1], CLASSES, 32, print, progress=False)
    assert dataset.targets[0, [0, 9]].tolist() == [1, 1]
    assert dataset.targets.sum() == 2


@pytest.mark.parametrize("label_sets", [False, True])
def test_one_picture_of_a_radiograph_under_several_classes_is_measured_against_all_of_them(
    folder, monkeypatch, label_sets
):
    rows = manifest(folder)
    spiral = [row for row in rows if "Spiral" in row["class"]][:2]
    alone = next(row for row in rows if "Oblique" in row["class"])
    for row in (rows[0], rows[1], *spiral):
        row |= {"label_conflict": "1", "dup_id": "one-radiograph", "dedup_keep": "0"}
    alone["label_conflict"] = "1"  # of one class: there is no set to measure against
    rewrite(folder, rows)

    def measured():
        found = read_rows(folder, label_sets)
        return {row.path.relative_to(folder).as_posix(): row for row in found if row.label_set}

    several = (0, CLASSES.index("spiral"))
    assert {path: row.label_set for path, row in measured().items()} == {rows[0]["path"]: several}
    assert not measured()[rows[0]["path"]].usable
    monkeypatch.setattr(
        "training.datasets.fracture_types.not_radiographs", lambda: {rows[0]["sha256"]: "slice"}
    )
    assert list(measured()) == [rows[1]["path"]]


def test_what_is_measured_against_a_set_does_not_make_it_other_data(folder):
    """A run that was begun before these radiographs were scored can go on."""
    dataset = load(read_rows(folder), CLASSES, 32, print, progress=False)
    rows = [replace(row, label_set=(1, 2)) for row in dataset.rows]
    assert Dataset(rows, dataset.pixels, CLASSES).sha256 == dataset.sha256
    assert dataset.label_sets.sum() == 0
    assert Dataset(rows, dataset.pixels, CLASSES).label_sets[:, [1, 2]].all()


def test_a_picture_that_is_no_radiograph_is_not_used(folder, tmp_path, monkeypatch):
    row = manifest(folder)[3]
    listed = tmp_path / "listed.csv"
    listed.write_text(f"sha256,kind\n{row['sha256']},slice\n")
    monkeypatch.setattr(annotated, "_NOT_RADIOGRAPHS", listed)
    assert row["path"] not in usable(read_rows(folder), folder)


def test_twins_teach_and_are_not_measured_on_but_conflicts_do_neither(folder):
    rows = manifest(folder)
    rows[0]["label_conflict"] = "1"
    rows[5]["dedup_keep"] = "0"
    rewrite(folder, rows)
    found = {row.path.relative_to(folder).as_posix(): row for row in read_rows(folder)}
    conflict, twin = (found[rows[at]["path"]] for at in (0, 5))
    assert (conflict.trainable, conflict.usable) == (False, False)
    assert (twin.trainable, twin.usable) == (True, False)


def test_a_class_without_pictures_is_named(folder):
    rewrite(folder, [row for row in manifest(folder) if "Spiral" not in row["class"]])
    with pytest.raises(TrainingError, match="no usable picture of: spiral"):
        read_rows(folder)


def test_a_missing_folder_and_a_missing_manifest_say_so(tmp_path):
    with pytest.raises(TrainingError, match="There is no data folder"):
        read_rows(tmp_path / "nowhere")
    with pytest.raises(TrainingError, match="no manifest"):
        read_rows(tmp_path)


def test_a_manifest_without_groups_is_refused(folder):
    columns = tuple(name for name in COLUMNS if name != "group_id")
    write_manifest(folder, [[row[name] for name in columns] for row in manifest(folder)], columns)
    with pytest.raises(TrainingError, match="lacks the columns group_id"):
        read_rows(folder)


def test_a_broken_picture_is_named_and_left_out(folder):
    rows = read_rows(folder)
    rows[2].path.write_bytes(b"\xff\xd8\xff but no picture")
    said = []
    dataset = load(rows, CLASSES, 48, said.append, progress=False)
    assert len(dataset.rows) == len(rows) - 1
    assert dataset.pixels.shape == (len(rows) - 1, 48, 48)
    assert rows[2].path.name in said[0]


def test_a_folder_of_broken_pictures_is_an_error(folder):
    rows = read_rows(folder)[:1]
    rows[0].path.write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="None of the pictures"):
        load(rows, CLASSES, 48, print, progress=False)


def test_a_picture_knows_the_size_of_its_file(folder):
    dataset = load(read_rows(folder)[:3], CLASSES, 48, print, progress=False)
    assert {row.size for row in dataset.rows} == {(60, 72)}


@pytest.mark.skipif(not BONE_BREAK.is_dir(), reason="the real pictures are not here (CALLUS_DATA)")
def test_the_real_manifest_reads(monkeypatch, tmp_path):
    monkeypatch.setattr(manifests, "RUNS", tmp_path)  # not what somebody's audit may have found
    rows = [row for row in read_rows(BONE_BREAK) if row.usable]
    assert len({row.sha256 for row in rows}) == len(rows) > 700
    assert {row.label for row in rows} == set(range(10))
