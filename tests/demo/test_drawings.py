"""Synthetic radiographs: the same every time, distinguishable by what is broken, and marked as drawn."""

import numpy as np
import pytest

from demo.drawings import LABELS, anatomy, draw, fractures, joints
from demo.drawings.bones import noise

SMALL = (225, 175)
TEN = [label for label in LABELS if label != "intact"]


def grey(label: str, seed: int = 1, **options: object) -> np.ndarray:
    return np.asarray(draw(label, seed, SMALL, **options)).astype(int)


def test_there_are_the_ten_classes_and_the_intact_bone():
    assert set(TEN) == {
        *("avulsion", "comminuted", "fracture_dislocation", "greenstick", "hairline"),
        *("impacted", "longitudinal", "oblique", "pathological", "spiral"),
    }
    with pytest.raises(ValueError, match="drawn"):
        draw("torus", 1)


@pytest.mark.parametrize("label", LABELS)
def test_a_radiograph_is_bright_bone_on_dark_ground(label):
    picture = draw(label, 3)
    assert (picture.mode, picture.size) == ("L", (700, 900))
    shown = np.asarray(picture)
    assert shown[0].max() < 30  # the collimator's margin
    assert np.percentile(shown, 99) > 170
    assert 15 < np.median(shown) < 150


@pytest.mark.parametrize("label", LABELS)
def test_the_same_seed_gives_the_same_pixels(label):
    assert (grey(label) == grey(label)).all()
    assert np.abs(grey(label) - grey(label, 2)).mean() > 2


def test_the_word_synthetic_is_burned_in():
    for seed in range(4):
        corner = grey("intact", seed)[208:222, 6:48]
        assert (corner > 140).sum() > 20
        assert (corner == 0).sum() > 100


def test_the_asked_side_is_on_the_plate_and_mirrors_the_limb():
    left, right = grey("oblique", side="L"), grey("oblique", side="R")
    assert (left[14:28, -28:-8] > 220).any()
    assert not (left[14:28, 8:28] > 220).any()
    assert (right[14:28, 8:28] > 220).any()
    middle = slice(40, 190)
    mirrored = np.abs(left[middle] - right[middle, ::-1]).mean()
    assert mirrored < np.abs(left[middle] - right[middle]).mean() / 3


def test_the_asked_body_part_is_drawn_where_the_class_is():
    leg, arm = grey("spiral", body_part="LEG"), grey("spiral", body_part="HUMERUS")
    assert np.abs(leg - arm).mean() > 5
    assert (grey("impacted", body_part="LEG") == grey("impacted")).all()


@pytest.mark.parametrize("size", [(450, 350), (300, 300), (200, 420)])
def test_any_size_is_drawn(size):
    assert draw("spiral", 1, size).size == (size[1], size[0])


@pytest.mark.parametrize(
    "view",
    [
        anatomy.thigh,
        anatomy.upper_arm,
        anatomy.lower_leg,
        anatomy.forearm,
        joints.wrist,
        joints.ankle,
        joints.shoulder,
    ],
)
def test_an_unmoved_break_leaves_the_bone_as_it_was(view):
    rng = np.random.default_rng(1)
    bone = view(rng).main
    x, y = np.meshgrid(np.arange(-150.0, 150, 2), np.arange(-300.0, 300, 2))
    broken = fractures.across(rng, 0, 0.5, fractures.Move())(bone.attenuation)
    assert np.allclose(broken(x, y), bone.attenuation(x, y), atol=1e-4)


def test_an_impaction_is_denser_and_a_gap_thinner_than_bone():
    rng = np.random.default_rng(1)
    bone = anatomy.lower_leg(rng).main
    x, y = np.meshgrid(np.arange(-30.0, 30), np.arange(-30.0, 30))
    whole = bone.attenuation(x, y).sum()

    def moved(dy: float) -> float:
        broken = fractures.across(rng, 0, 0, fractures.Move(dy=dy))(bone.attenuation)
        return float(broken(x, y).sum() / whole)

    assert 1.2 < moved(-15) < 1.3  # 15 of 60 rows lie double
    assert 0.7 < moved(15) < 0.8


def test_noise_has_no_seam():
    texture = noise(np.random.default_rng(1), 64, 6, 6)
    inside = np.abs(np.diff(texture, axis=0)).max()
    assert np.abs(texture[0] - texture[-1]).max() <= inside
