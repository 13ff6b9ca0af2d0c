"""What is no bone radiograph: where it comes from, what is measured on, and what is held out together."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.assessability import KINDS
from classifier.labels import CLASSES
from training.datasets import not_radiographs as annotated
from training.datasets.dataset import load
from training.datasets.fracture_types import read_rows
from training.datasets.non_radiographs import _views, non_radiographs_dataset, non_radiographs_in
from training.fitting.explain import _inside


@pytest.fixture
def types(trained, tmp_path, monkeypatch):
    """The drawn fractures, of which the first three are listed as slices; two of them are of one group."""
    rows = read_rows(trained.data / "bone-break")
    listed = tmp_path / "listed.csv"
    listed.write_text("\n".join(["sha256,kind", *(f"{row.sha256},slice" for row in rows[:3])]))
    monkeypatch.setattr(annotated, "_NOT_RADIOGRAPHS", listed)
    return load(rows, CLASSES, 72, print, progress=False)


def test_what_was_found_by_eye_teaches_refusal_in_the_group_that_it_has(types):
    found = non_radiographs_in(types)
    assert [each.source for each in found] == [row.group for row in types.rows[:3]]
    made = non_radiographs_dataset([], [found], 72, 3, 0)
    theirs = [row for row in made.rows if row.group == types.rows[0].group]
    assert {KINDS[row.label] for row in theirs} == {"slice"}
    assert [row.usable for row in theirs] == [True, False, False] * (len(theirs) // 3)
    assert all(row.trainable for row in theirs)


def test_a_source_is_of_one_kind_and_a_program_is_one_source():
    made = non_radiographs_dataset([], [], 48, 2, 0)
    kinds = {group: set(made.labels[made.groups == group]) for group in set(made.groups)}
    assert all(len(each) == 1 for each in kinds.values())
    chests = {row.group for row in made.rows if KINDS[row.label] == "chest"}
    assert chests == {"drawn-chest"}


def test_equal_seeds_draw_equal_pictures():
    first, again, other = (non_radiographs_dataset([], [], 48, 1, seed) for seed in (3, 3, 4))
    assert first.sha256 == again.sha256 != other.sha256
    assert np.array_equal(first.pixels, again.pixels)


def test_the_letterboxs_bars_hold_nothing_to_hide():
    wide = _inside((400, 200), (8, 8)).reshape(8, 8)
    assert wide[2:6].all()
    assert not wide[[0, 1, 6, 7]].any()
    assert _inside((300, 300), (9, 9)).all()
    assert np.array_equal(_inside((200, 400), (8, 8)).reshape(8, 8), wide.T)


def test_parts_of_a_picture_are_smaller_and_within_it(types):
    picture = replace(
        non_radiographs_in(types)[0], pixels=np.arange(4800, dtype=np.uint16).reshape(80, 60)
    )
    views = list(_views(picture, np.random.default_rng(0), 6, least=0.5))
    assert not views[0].part
    for each in views[1:]:
        assert each.part
        assert each.pixels.size < picture.pixels.size
        assert np.isin(each.pixels, picture.pixels).all()
