"""What a fold's network sees, what of it learns, and what augmentation leaves alone."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from training import fit as fitting
from training.augment import augment
from training.data import load, read_rows
from training.learning import pretrained_network


@pytest.fixture
def dataset(trained):
    return load(read_rows(trained.data), trained.recipe.cache_size, print, progress=False)


def test_a_fold_is_scored_on_groups_that_it_never_trained_on(
    trained, dataset, tmp_path, monkeypatch
):
    seen, train = {}, fitting.train

    def spy(config, dataset, rows, checkpoint, progress):
        seen[checkpoint.stem] = rows
        return train(config, dataset, rows, checkpoint, progress)

    monkeypatch.setattr(fitting, "train", spy)
    fitting.fit(trained.recipe, dataset, tmp_path, False)
    for fold in ("fold-0", "fold-1"):
        scored = np.load(tmp_path / f"{fold}.npz")["rows"]
        assert sorted([*seen[fold], *scored]) == list(range(len(dataset.rows)))
        assert not set(dataset.groups[seen[fold]]) & set(dataset.groups[scored])
    assert np.array_equal(seen["final"], np.arange(len(dataset.rows)))


def test_frozen_blocks_keep_weights_and_statistics_and_the_others_learn(trained):
    before = pretrained_network().state_dict()
    after = load_file(trained.run / "final.safetensors")
    frozen = [f"backbone._blocks.{n}." for n in range(trained.recipe.frozen_blocks)]
    start = ("backbone._conv_stem", "backbone._bn0", *frozen)
    for name, tensor in before.items():
        if name.startswith(start):
            assert torch.equal(tensor, after[name]), name
    learned = [f"backbone._blocks.{n}._project_conv.weight" for n in (12, 15)]
    for name in [*learned, "backbone._bn1.running_mean", "head.weight"]:
        assert not torch.equal(before[name], after[name]), name


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
    bright = (shown > 0.5).float().mean((1, 2, 3))
    assert (bright > 0.04).float().mean() > 0.97
