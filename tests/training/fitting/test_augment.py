"""Augmentation changes pictures and leaves their class; mixup and cutmix change targets alike."""

import numpy as np
import pytest
import torch

from training.fitting.augment import augment, cutmix, mixup, recompressed


def test_augmentation_keeps_shape_and_range_and_repeats_with_its_seed():
    images = torch.rand(12, 1, 40, 40)
    first, again, other = (
        augment(images, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert first.shape == images.shape
    assert 0 <= first.min() <= first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not any(torch.equal(before, after) for before, after in zip(images, first, strict=True))


def test_augmentation_leaves_most_of_a_picture_in_sight():
    """A centred shaft stays: neither shift, zoom nor the hidden rectangle take it away."""
    images = torch.full((200, 1, 64, 64), 0.1)
    images[:, :, 16:48, 24:40] = 0.9
    shown = augment(images, torch.Generator().manual_seed(3))
    contrast = shown.flatten(1).quantile(0.97, 1) - shown.flatten(1).quantile(0.03, 1)
    assert (contrast > 0.25).float().mean() > 0.97


def test_some_pictures_go_through_jpeg_and_stay_alike():
    rng = np.random.default_rng(0)
    smooth = np.linspace(0, 255, 64 * 64).reshape(64, 64).astype(np.uint8)
    pixels = np.stack([np.roll(smooth, shift, 0) for shift in range(40)])
    out = recompressed(pixels, rng)
    changed = [not np.array_equal(a, b) for a, b in zip(pixels, out, strict=True)]
    assert 4 < sum(changed) < 22
    assert np.abs(out.astype(int) - pixels).mean() < 4


@pytest.mark.parametrize("seed", range(8))
def test_cutmix_takes_as_much_of_the_target_as_of_the_picture(seed):
    images = torch.arange(10.0)[:, None, None, None].expand(10, 1, 24, 16)
    patches, shares = cutmix(images, torch.eye(10), 1.0, np.random.default_rng(seed))
    assert torch.allclose(shares.sum(1), torch.ones(10))
    for picture, share in zip(patches, shares, strict=True):
        there = torch.bincount(picture.flatten().long(), minlength=10) / picture.numel()
        assert torch.allclose(there, share, atol=1e-6)
    assert torch.equal(images[:, 0, 0, 0], torch.arange(10.0))


def test_mixup_blends_pictures_and_targets_alike():
    images = torch.eye(10)[:, None, None, :].expand(10, 1, 10, 10)
    targets = torch.eye(10)
    blended, shares = mixup(images, targets, 0.4, np.random.default_rng(1))
    assert torch.allclose(blended[:, 0, 0], shares)
    assert torch.allclose(shares.sum(1), torch.ones(10))
