"""A stored view of the detector: its boxes go where their pixels go, and equal seeds give equal views."""

import numpy as np
import torch

from training.fitting.detection.augment import _moved, augmented


def test_a_box_goes_where_its_pixels_go():
    """A bright square that is mirrored, turned, scaled and sheared fills the box that comes back."""
    corners = np.array([[30, 40, 46, 52]], np.float32)
    image = torch.zeros(1, 96, 96)
    image[:, 40:52, 30:46] = 1
    rng, compared = np.random.default_rng(5), 0
    for _ in range(200):
        moved, boxes = _moved(image, corners, rng)
        left, top, right, bottom = boxes[0]
        if min(left, top) < 1 or max(right, bottom) > 95:
            continue  # cut at the border
        y, x = np.nonzero(moved[0].numpy() > 0.5)
        bright = np.array([x.min(), y.min(), x.max() + 1, y.max() + 1])
        assert np.abs(bright - boxes[0]).max() < 4
        compared += 1
    assert compared > 100


def test_shape_and_range_stay_and_equal_seeds_give_equal_views():
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    corners = np.array([[20, 20, 40, 40]], np.float32)
    one, same, other = (
        augmented(pixels, corners, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert one.pixels.shape == pixels.shape
    assert 0 <= one.pixels.min() <= one.pixels.max() <= 1
    assert np.array_equal(one.pixels, same.pixels)
    assert np.array_equal(one.corners, same.corners)
    assert not np.array_equal(one.pixels, other.pixels)
