"""What counts as one radiograph, on drawn pictures."""

import numpy as np
import pytest

from tests.training.audit.pictures import COPIES, draw
from training.audit.keypoints import find_keypoints, shrunk
from training.audit.registration import NOWHERE, overlap_of, view_of
from training.audit.twins import DETAIL


def overlap(one, other):
    return overlap_of(view_of(shrunk(one)), view_of(shrunk(other)))


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_changed_copy_is_a_twin(how, seed):
    picture = draw(seed)
    assert overlap(picture, COPIES[how](picture)).detail >= DETAIL
    assert overlap(COPIES[how](picture), picture).detail >= DETAIL


@pytest.mark.parametrize("seed", range(5))
def test_another_picture_is_none(seed):
    assert overlap(draw(seed), draw(seed + 50)).detail < DETAIL


def test_a_drawn_arrow_hides_no_twin():
    picture = draw(3)
    marked = picture.copy()
    marked[60:70, 40:100] = 255
    assert overlap(picture, marked).detail >= DETAIL


def test_the_common_part_is_measured_in_both():
    picture = draw(4)
    part = picture[:100]
    found = overlap(part, picture)
    assert found.one > 0.8
    assert 0.35 < found.other < 0.6


def test_an_empty_picture_is_nobodys_twin():
    blank = np.zeros((90, 70), np.uint8)
    assert overlap(blank, draw(1)) == NOWHERE
    assert overlap(blank, blank) == NOWHERE


def test_mirrored_descriptors_are_those_of_the_mirrored_picture():
    small = shrunk(draw(5))
    told = find_keypoints(small)
    seen = find_keypoints(np.ascontiguousarray(small[:, ::-1]))
    alike = told.mirrored @ seen.upright.T
    best = alike.argmax(1)
    where = np.stack([small.shape[1] - 1 - told.points[:, 0], told.points[:, 1]], 1)
    near = np.abs(where - seen.points[best]).max(1) < 2
    assert near.mean() > 0.8
    assert alike.max(1)[near].mean() > 0.97


def test_sixteen_bits_shrink_as_eight_do():
    picture = draw(6)
    wide = picture.astype(np.uint16) << 8
    assert np.abs(shrunk(picture).astype(int) - shrunk(wide)).max() <= 1
