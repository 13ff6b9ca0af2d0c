"""Who is whose twin, panel or part, and what follows for classes and splits."""

import numpy as np
import pytest

from training.audit.groups import components, grouped
from training.audit.keypoints import Keypoints
from training.audit.kin import find_kin
from training.audit.traits import Trait
from training.audit.twins import Pair
from training.datasets.layout import Picture


def trait(name: str, label: str = "Break", split: str = "Train", area: int = 9, marks=()) -> Trait:
    nothing = np.zeros(0)
    keys = Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8))
    picture = Picture(f"{label}/{split}/{name}", label, split)
    return Trait(picture, name, area, nothing, keys, nothing, nothing, nothing, tuple(marks))


def test_components_name_each_by_its_first():
    assert components(6, [(4, 2), (2, 5), (0, 1)]) == [0, 0, 2, 3, 2, 2]


def test_twins_share_a_radiograph_and_one_is_kept():
    entries = grouped([trait("a"), trait("b", area=20), trait("c")], [Pair(0, 1, 0.9)])
    assert [each.dup for each in entries] == ["d00000", "d00000", "d00002"]
    assert [each.keep for each in entries] == [False, True, True]


def test_of_twins_the_one_that_nobody_drew_on_is_kept():
    marked, clean = trait("a", area=20, marks=["arrow"]), trait("b")
    assert [each.keep for each in grouped([marked, clean], [Pair(0, 1, 0.9)])] == [False, True]


def test_a_radiograph_in_two_classes_is_kept_nowhere():
    entries = grouped([trait("a"), trait("b", "Bend"), trait("c", "Bend")], [Pair(0, 1, 0.9)])
    assert [each.conflict for each in entries] == [True, True, False]
    assert [each.keep for each in entries] == [False, False, True]


@pytest.mark.parametrize("split", ["Test", "Val"])
def test_a_held_out_twin_of_a_training_picture_is_leaked(split):
    entries = grouped(
        [trait("a"), trait("b", split=split), trait("c", split=split)], [Pair(0, 1, 1)]
    )
    assert [each.leaked for each in entries] == [False, True, False]


def test_twins_within_a_split_leak_nothing():
    entries = grouped([trait("a", split="Test"), trait("b", split="Test")], [Pair(0, 1, 1)])
    assert not any(each.leaked for each in entries)


def test_a_crop_is_its_whole_and_two_panels_are_two_radiographs_of_one_group():
    crop, whole, figure, left, right = (trait(name) for name in "abcde")
    pairs = [Pair(0, 1, 0.9, whole=1), Pair(2, 3, 0.9, whole=2), Pair(2, 4, 0.9, whole=2)]
    entries = grouped([crop, whole, figure, left, right], pairs)
    assert [each.dup for each in entries] == ["d00000", "d00000", "d00002", "d00003", "d00004"]
    assert [each.group for each in entries] == ["g00000"] * 2 + ["g00002"] * 3


def test_a_crop_of_a_crop_is_still_one_radiograph():
    pairs = [Pair(0, 1, 0.9, whole=1), Pair(0, 2, 0.9, whole=2), Pair(1, 2, 0.9, whole=2)]
    entries = grouped([trait("a"), trait("b"), trait("c")], pairs)
    assert {each.dup for each in entries} == {"d00000"}


def test_a_held_out_panel_of_a_training_figure_is_leaked():
    figure, left, right = trait("a"), trait("b", split="Test"), trait("c")
    pairs = [Pair(0, 1, 0.9, whole=0), Pair(0, 2, 0.9, whole=0)]
    assert [each.leaked for each in grouped([figure, left, right], pairs)] == [False, True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "gr1_lrg_jpg.rf.b138d2700bb1500d0b26fef.jpg",
            "gr1_lrg_jpg.rf.b138d2700bb156e32430b700d0b26fef.jpg",
        ),
        (
            "knee-fig_png.rf.515ecc51fd0ec33b35a671d379c1485f.jpg",
            "kn_png.rf.515ecc51fd0ecc1485f.jpg",
        ),
        ("a_jpg.rf.0458090596504941eefb7e64.jpg", "a_jpg.r458090596504941ee7e64.jpg"),
    ],
)
def test_panels_of_one_export_are_kin_by_name(one, other):
    assert find_kin([f"x/{one}", f"y/{other}"]) == [(0, 1)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IMG0000001.jpg", "IMG0000002.jpg"),
        (
            "images_jpg.rf.0ce1d5a7ca4c319ff39d4445df37f3f1.jpg",
            "images_jpg.rf.4252b8d03c32b5e52992.jpg",
        ),
        ("wrist.jpg", "wrist (1).jpg"),
    ],
)
def test_other_names_say_nothing(one, other):
    assert find_kin([f"x/{one}", f"x/{other}"]) == []
