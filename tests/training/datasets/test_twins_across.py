"""A radiograph that lies in both collections is learnt from in neither where it is held out in one."""

import csv
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from classifier.labels import CLASSES
from training.datasets import twins_across
from training.datasets.bones import STATES
from training.datasets.dataset import Dataset, Row
from training.datasets.twins_across import join_twins
from training.fitting.splits import splits


def drawn(pictures: int, classes: tuple[str, ...], prefix: str) -> Dataset:
    """Two pictures a group, whose names are equal in every data set; a tenth in the Test split."""
    rows = [
        Row(
            Path(f"{number}.png"),
            number // 2 % len(classes),
            f"{prefix}{number}",
            f"g{number // 2}",
            "Test" if number % 20 < 2 else "Train",
        )
        for number in range(pictures)
    ]
    return Dataset(rows, np.zeros((pictures, 1, 1), np.uint8), classes)


@pytest.fixture
def found(trained, tmp_path, monkeypatch):
    """Each seventh bone has a twin among the types."""
    listed = tmp_path / "twins.csv"
    lines = [f"types{number},bones{number // 2}" for number in range(0, 200, 14)]
    listed.write_text("\n".join(["types_sha256,bones_sha256", *lines]))
    monkeypatch.setattr(twins_across, "_TWINS", listed)
    types, bones = join_twins(drawn(400, CLASSES, "types"), drawn(200, STATES, "bones"))
    data = SimpleNamespace(types=types, bones=bones, non_radiographs=drawn(40, STATES, "foreign"))
    return data, list(splits(trained.recipe, data))


def test_twins_share_a_group_and_no_one_else_does(found):
    data, _ = found
    types = {row.sha256: row.group for row in data.types.rows}
    bones = {row.sha256: row.group for row in data.bones.rows}
    assert bones["bones7"] == bones["bones6"] == types["types14"]
    assert len(set(bones.values())) == 100
    assert len(set(bones.values()) & set(types.values())) == len(range(0, 200, 14))


def test_no_part_learns_from_a_twin_of_what_it_holds_out_in_the_other_collection(found):
    data, made = found
    types, bones = data.types, data.bones
    for part in made:
        assert not set(bones.groups[part.bones_train]) & set(types.groups[part.test]), part.name
        if part.name != "shipped":  # which scores no bones
            assert not set(bones.groups[part.bones_test]) & set(types.groups[part.train]), part.name
    folds = [part.bones_test for part in made if part.name.startswith("repeat")]
    assert (np.sum(folds, axis=0) == 1).all()


def test_a_file_that_lies_in_both_is_in_one_group_and_joins_what_it_lies_in():
    types, bones = drawn(40, CLASSES, "same"), drawn(10, STATES, "same")
    for row in (4, 6):  # of two groups of the types, and of one of the bones
        bones.rows[row] = replace(bones.rows[row], sha256=f"same{3 * row}", group="pair")
    joined, states = join_twins(types, bones)
    groups = {row.group for row in states.rows if row.path.name in ("4.png", "6.png")}
    assert groups == {joined.rows[12].group} == {joined.rows[18].group}
    assert states.rows[0].group == joined.rows[0].group  # same0 in both
    assert len(set(joined.groups)) == 19


def test_the_listed_twins_are_of_one_radiograph_each():
    with twins_across._TWINS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["types_sha256"] for row in rows}) == 77
    assert len({row["bones_sha256"] for row in rows}) == 47
