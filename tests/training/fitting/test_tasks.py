"""What a member learns, and by which loss."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from training.datasets.training_data import read_training_data
from training.fitting.tasks import FractureTask, TypesTask


@pytest.fixture(scope="module")
def data(trained):
    """With two views of each picture that is no radiograph, of which one is measured on."""
    return read_training_data(trained.data, replace(trained.recipe, foreign_each=2), [], False)


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
