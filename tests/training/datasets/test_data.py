"""What counts as training data, and that twins stay together."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from classifier.labels import CLASSES
from tests.conftest import DATA
from tests.training.drawn import COLUMNS, draw_bones, draw_dataset, folder_name, write_manifest
from training.config import Config
from training.datasets import manifests
from training.datasets import not_radiographs as annotated
from training.datasets.bones import read_bones
from training.datasets.dataset import Dataset, Row, grouped_folds, load
from training.datasets.fracture_types import label_of, read_rows
from training.datasets.training_data import read_training_data
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
    assert [row.teaches for row in found] == [False, True, True]


def test_with_label_sets_a_radiograph_under_two_classes_teaches_both_and_is_not_measured_on(folder):
    rows = manifest(folder)
    spiral = next(row for row in rows if "Spiral" in row["class"])
    for row in (rows[0], spiral):
        row["label_conflict"], row["dup_id"] = "1", "one-radiograph"
    rewrite(folder, rows)
    found = [row for row in read_rows(folder, label_sets=True) if row.conflict]
    assert [(row.teaches, row.usable) for row in found] == [(True, False)] * 2
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
    assert (conflict.teaches, conflict.usable) == (False, False)
    assert (twin.teaches, twin.usable) == (True, False)


@pytest.fixture
def audited(folder, tmp_path, monkeypatch):
    """The run's folder of a finished audit of ``folder``."""
    monkeypatch.setattr(manifests, "RUNS", tmp_path / "runs")
    run = tmp_path / "runs" / f"audit-{folder.name}"
    run.mkdir(parents=True)
    shutil.copy(folder / "manifest.csv", run / "manifest.csv")
    (run / "audit.json").write_text(json.dumps({"folder": str(folder.resolve())}))
    return run


def test_the_audits_manifest_comes_first(folder, audited):
    assert manifests.manifest_path(folder) == audited / "manifest.csv"


def test_an_audit_of_another_folder_of_this_name_is_not_taken(folder, audited):
    (audited / "audit.json").write_text(json.dumps({"folder": "/elsewhere/bone-break"}))
    assert manifests.manifest_path(folder) == folder / "manifest.csv"


def test_a_folder_that_changed_since_its_audit_is_refused_by_name(folder, audited):
    old, other = sorted(folder.glob("*/Train/0.png"))[:2]
    shutil.copy(other, old.with_name("new.png"))
    (old.with_name("cut.png")).write_bytes(
        old.read_bytes()[:200]
    )  # no audit lists what none can read
    shutil.copy(other, old.with_name("1.png"))
    old.unlink()
    with pytest.raises(TrainingError) as refused:
        manifests.manifest_path(folder)
    said = str(refused.value)
    assert "1 gone (Avulsion fracture/Train/0.png); 1 new (Avulsion fracture/Train/new.png)" in said
    assert "1 changed (Avulsion fracture/Train/1.png)" in said
    assert f"python -m training audit --data {folder}" in said


def test_a_class_that_was_emptied_since_its_audit_is_named(folder, audited):
    for path in (folder / "Spiral fracture").rglob("*.png"):
        path.unlink()
    with pytest.raises(TrainingError, match=r"Spiral fracture.* is empty"):
        manifests.manifest_path(folder)


def test_bones_of_which_the_manifest_knows_nothing_are_refused(tmp_path):
    folder = draw_bones(tmp_path / "multi-region", 4)
    shutil.copy(folder / "fractured" / "0.png", folder / "fractured" / "turned.png")
    with pytest.raises(TrainingError, match=r"whose twin fractured/turned\.png is"):
        read_bones(folder)
    write_manifest(folder, [["fractured/0.png"]], ("path",))
    with pytest.raises(TrainingError, match="lacks the columns"):
        read_bones(folder)


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
    with pytest.raises(TrainingError, match="of the outside set, which nothing may learn from"):
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


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = ", "is no TOML"),
        ('nme = "a"', "unknown keys: nme"),
        ('name = "a"', "lacks 'version', 'seed'"),
        ('name = "caf\xe9"', "is no TOML"),
        (None, "There is no configuration"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(tmp_path, text, complaint):
    if text is not None:
        (tmp_path / "a.toml").write_text(text, encoding="latin-1")
    with pytest.raises(TrainingError, match=complaint):
        Config.read(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("line", "wrong", "complaint"),
    [
        ("seed = 3", 'seed = "three"', "seed is 'three' and must be of type int"),
        ("mirrored = true", "mirrored = 1", "mirrored is 1 and must be of type bool"),
        ("folds = 2", "folds = 1", "folds is 1 and must lie between 2 and 20"),
        ("frozen_blocks = 12", "frozen_blocks = 99", "frozen_blocks is 99"),
        ("learning_rate = 0.001", "learning_rate = 0", "learning_rate is 0 and must lie between"),
        ("ema = 0.5", "ema = 1.0", "ema is 1.0 and must lie between"),
        ("cache_size = 72", "cache_size = 63", "cache_size is 63 and must be at least size, 64"),
        ("seed = 3", "seed = -5", "seed is -5 and must lie between 0"),
        ('name = "drawn"', 'name = "../drawn"', "name is '../drawn' and must be of letters"),
        ('version = "0.1.0"', 'version = "1/0"', "version is '1/0' and must be of letters"),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_named(
    trained, tmp_path, line, wrong, complaint
):
    (tmp_path / "a.toml").write_text(trained.config.read_text().replace(line, wrong))
    with pytest.raises(TrainingError, match=complaint):
        Config.read(tmp_path / "a.toml")


def test_more_folds_than_groups_are_refused():
    with pytest.raises(TrainingError, match="too few groups for 5 folds"):
        grouped_folds(np.arange(6) % 3, np.arange(6).astype(str), 5, 0)


def test_a_recipe_of_an_unknown_backbone_is_refused(trained, tmp_path):
    text = trained.config.read_text().replace("efficientnet-lite0", "resnet-9000")
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(TrainingError, match="backbone must be one of"):
        Config.read(tmp_path / "a.toml")


@pytest.mark.skipif(not BONE_BREAK.is_dir(), reason="the real pictures are not here (CALLUS_DATA)")
def test_the_real_manifest_reads(monkeypatch, tmp_path):
    monkeypatch.setattr(manifests, "RUNS", tmp_path)  # not what somebody's audit may have found
    rows = [row for row in read_rows(BONE_BREAK) if row.usable]
    assert len({row.sha256 for row in rows}) == len(rows) > 700
    assert {row.label for row in rows} == set(range(10))
