"""Views are drawn once, kept whole, seen in turn, and are what the trunk makes of augmented pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from training.datasets.training_data import read_training_data
from training.errors import TrainingError
from training.fitting.augmented_views import AugmentedViews
from training.fitting.run import Run
from training.networks.device import Device
from training.networks.pretrained import new_network

CPU = Device("cpu")


@pytest.fixture(scope="module")
def data(trained):
    return read_training_data(trained.data, trained.recipe, [], False)


@pytest.fixture(scope="module")
def dataset(data):
    return data.types


@pytest.fixture(scope="module")
def trunk(trained):
    return new_network(trained.recipe).eval()


@pytest.fixture
def make(trained, data, trunk, tmp_path):
    def made(folder="run", types=data.types, **changes) -> AugmentedViews:
        config = replace(trained.recipe, **changes)
        run = Run(config, replace(data, types=types), tmp_path / folder, CPU, False)
        return AugmentedViews.of(run, "types", trunk)

    return made


def test_views_of_one_picture_differ_and_equal_seeds_give_equal_ones(make, dataset):
    first, again, other = make("first"), make("again"), make("other", seed=4)
    rows = np.arange(len(dataset))
    nought, one = np.zeros(len(rows), int), np.ones(len(rows), int)
    assert torch.equal(first(rows, nought), again(rows, nought))
    for differs in (first(rows, one), other(rows, nought)):
        apart = (differs - first(rows, nought)).abs().amax((1, 2, 3))
        assert (apart > 0.01).all()


def test_a_view_is_what_the_trunk_makes_of_the_picture(make, dataset, trunk, trained, monkeypatch):
    monkeypatch.setattr("training.fitting.augmented_views.augment", lambda images, *_: images)
    monkeypatch.setattr("training.fitting.augmented_views.recompressed", lambda pixels, _: pixels)
    rows = np.array([3, 1])
    found = make()(rows, np.array([0, 1]))
    with torch.no_grad():
        images = CPU.inputs(dataset.pixels[rows], trained.recipe.size)
        assert torch.allclose(found, trunk.trunk(images), atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize("head", ["head", "fracture"])
def test_trunk_and_member_together_are_the_network(trunk, head):
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        whole = trunk(images)
        expected = whole.logits if head == "head" else whole.fracture
        assert torch.allclose(trunk.member(trunk.trunk(images), head), expected, atol=1e-5)
        assert torch.allclose(trunk.texture(images), trunk.features_of(images)[1], atol=1e-5)


def test_views_belong_to_pictures_in_one_order(make, dataset, tmp_path):
    views = make()
    turned = replace(dataset, rows=dataset.rows[::-1], pixels=dataset.pixels[::-1])
    others = make(types=turned)
    assert len(list(tmp_path.glob("run/views/types/*"))) == 2
    row, view = np.array([0]), np.array([0])
    assert not torch.equal(views(row, view), others(row, view))


def test_a_members_order_holds_every_view_of_a_picture_once(make, dataset):
    views = make(views=5)
    order = views.order(len(dataset), seed=0)
    assert (np.sort(order, axis=1) == np.arange(5)).all()
    assert not np.array_equal(order, views.order(len(dataset), seed=1))
    assert len(np.unique(order, axis=0)) > 1


def test_views_that_are_there_are_not_drawn_again(make, monkeypatch, tmp_path):
    make()
    next(tmp_path.glob("run/views/types/*/001.npy")).unlink()
    drawn = []
    monkeypatch.setattr(
        "training.fitting.augmented_views._keep",
        lambda view, path: (drawn.append(path.name), np.save(path, view)),
    )
    make()
    assert drawn == ["001.npy"]


@pytest.mark.parametrize("damage", [b"", b"no array", None])
def test_a_damaged_view_is_named(make, tmp_path, damage):
    make()
    path = next(tmp_path.glob("run/views/types/*/000.npy"))
    path.write_bytes(path.read_bytes()[:-400] if damage is None else damage)
    with pytest.raises(TrainingError, match=r"000\.npy is damaged"):
        make()


def test_a_finished_run_keeps_no_views(trained):
    assert not (trained.run / "views").exists()
