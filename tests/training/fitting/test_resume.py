"""A killed training goes on with the epoch that it was in, and ends where it would have ended."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from classifier.lite import renamed
from training.datasets.training_data import read_training_data
from training.errors import TrainingError
from training.fitting import fit as fitting
from training.fitting.augmented_views import AugmentedViews
from training.fitting.fit import fit
from training.fitting.run import Run
from training.fitting.tasks import FractureTask, TypesTask
from training.fitting.train import train
from training.fitting.training_state import TrainingState
from training.networks.device import Device
from training.networks.pretrained import _weights_path, new_network
from training.storage.locks import exclusive_lock

CPU = Device("cpu")


@pytest.fixture(scope="module")
def data(trained):
    return read_training_data(trained.data, trained.recipe, [], False)


@pytest.fixture(scope="module")
def views(trained, data, tmp_path_factory):
    trunk = new_network(trained.recipe).eval()
    run = Run(trained.recipe, data, tmp_path_factory.mktemp("run"), CPU, False)
    return {name: AugmentedViews.of(run, name, trunk) for name in ("types", "bones")}


@pytest.fixture
def run(trained, data, tmp_path):
    return Run(trained.recipe, data, tmp_path, CPU, False)


def some(dataset) -> np.ndarray:
    return np.arange(len(dataset)) < 16


def kill_after_an_epoch(monkeypatch) -> None:
    save = TrainingState.save

    def save_and_die(self, path):
        save(self, path)
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingState, "save", save_and_die)


@pytest.mark.parametrize(("kind", "part"), [(TypesTask, "types"), (FractureTask, "bones")])
def test_a_killed_training_ends_with_the_weights_of_one_that_was_not(
    run, trained, data, views, tmp_path, monkeypatch, kind, part
):
    task = kind(trained.recipe, getattr(data, part), some(getattr(data, part)))
    whole = train(run, task, views[part], tmp_path / "whole.x", 0)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        kill_after_an_epoch(patch)
        train(
            run,
            task,
            views[part],
            tmp_path / "cut.x",
            0,
        )
    torch.manual_seed(99)  # another process would begin with other random states
    resumed = train(run, task, views[part], tmp_path / "cut.x", 0)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_a_training_goes_on_with_a_checkpoint_from_before_timm(
    run, trained, data, views, tmp_path, monkeypatch
):
    task = TypesTask(trained.recipe, data.types, some(data.types))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        kill_after_an_epoch(patch)
        train(
            run,
            task,
            views["types"],
            tmp_path / "new.x",
            0,
        )
    older = tmp_path / "old.checkpoint"
    with_older_names(tmp_path / "new.checkpoint", older)
    first, second = (
        train(
            run,
            task,
            views["types"],
            tmp_path / name,
            0,
        )
        for name in ("new.x", "old.x")
    )
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name


def with_older_names(checkpoint, target) -> None:
    before = torch.load(_weights_path("efficientnet-lite0"), weights_only=True)
    older = dict(zip(renamed(before), before, strict=True))
    with safe_open(checkpoint, "pt") as file:
        metadata = file.metadata()
    out = {}
    for name, tensor in load_file(checkpoint).items():
        owner, backbone, rest = name.partition("backbone.")
        out[owner + backbone + older[rest] if backbone else name] = tensor
    assert "average.module.backbone._blocks.15._project_conv.weight" in out
    save_file(out, target, metadata)


def test_each_epoch_shows_the_next_view_of_every_picture(
    run, trained, data, views, tmp_path, monkeypatch
):
    shown = []

    def spy(self, rows, numbers):
        shown.extend(zip(rows.tolist(), numbers.tolist(), strict=True))
        return take(self, rows, numbers)

    take = AugmentedViews.__call__
    monkeypatch.setattr(AugmentedViews, "__call__", spy)
    task = TypesTask(replace(trained.recipe, epochs=2), data.types, some(data.types))
    train(run, task, views["types"], tmp_path / "a.x", 0)
    assert sorted(shown) == [(row, view) for row in range(16) for view in range(2)]


def test_members_differ(run, trained, data, views, tmp_path):
    task = TypesTask(replace(trained.recipe, epochs=1), data.types, some(data.types))
    first, second = (
        train(
            run,
            task,
            views["types"],
            tmp_path / f"{seed}.x",
            seed,
        )
        for seed in (0, 1)
    )
    assert not torch.equal(first.head.weight, second.head.weight)


def test_a_killed_fit_trains_no_epoch_and_no_member_twice(trained, data, tmp_path, monkeypatch):
    saved = []
    save = TrainingState.save
    recipe = replace(trained.recipe, epochs=1, fracture_epochs=1)
    with monkeypatch.context() as patch:
        patch.setattr(
            fitting, "score_held_out", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            fit(Run.begin(recipe, data, tmp_path, False))
    assert sorted(path.name for path in tmp_path.glob("*member*")) == [
        "repeat-0-fold-0-member-0.safetensors",
        "repeat-0-fold-0-member-1.safetensors",
        "repeat-0-fold-0-member-fracture.safetensors",
    ]
    monkeypatch.setattr(
        TrainingState, "save", lambda self, path: (saved.append(path.stem), save(self, path))
    )
    fit(Run.begin(recipe, data, tmp_path, False))
    assert saved == [
        f"{part}-member-{member}"
        for part in ("repeat-0-fold-1", "shipped", "final")
        for member in ("0", "1", "fracture")
    ]
    assert not list(tmp_path.glob("*.checkpoint"))
    assert not list(tmp_path.glob("*member*"))


def test_equal_recipes_make_equal_networks(trained, data, tmp_path, whole_form):
    # The short form trains the network that is released alone, on all that the folds are trained on.
    fit(Run.begin(trained.recipe, data, tmp_path, False), only="*" if whole_form else "final")
    final, expected = (load_file(run / "final.safetensors") for run in (tmp_path, trained.run))
    assert all(torch.equal(final[name], expected[name]) for name in expected)


def test_a_run_refuses_another_recipe(trained, data):
    known = json.loads((trained.run / "run.json").read_text())
    other = type(trained.recipe)(**{**known["config"], "epochs": 9})
    with pytest.raises(TrainingError, match="another configuration"):
        fit(Run.begin(other, data, trained.run, False))


def test_another_seed_is_another_run(trained, capsys):
    assert trained.command("fit", "--seed", "4") == 1
    assert "another configuration" in capsys.readouterr().err
    assert trained.command("evaluate", "--seed", "-1") == 1
    assert "seed is -1 and must lie between 0" in capsys.readouterr().err


def test_a_checkpoint_of_another_version_is_refused_and_stays(run, trained, data, views, tmp_path):
    checkpoint = tmp_path / "a.checkpoint"
    save_file({"network.x": torch.zeros(1)}, checkpoint, {"course": json.dumps({"version": 1})})
    before = checkpoint.read_bytes()
    with pytest.raises(TrainingError, match="another version of Callus"):
        task = TypesTask(trained.recipe, data.types, some(data.types))
        train(
            run,
            task,
            views["types"],
            tmp_path / "a.x",
            0,
        )
    assert checkpoint.read_bytes() == before


def test_parts_can_be_shared_out(trained, data, tmp_path):
    recipe = replace(trained.recipe, epochs=1, fracture_epochs=1, members=1)
    fit(Run.begin(recipe, data, tmp_path, False), only="*-fold-1")
    assert [path.name for path in tmp_path.glob("*.npz")] == ["repeat-0-fold-1.npz"]
    with pytest.raises(TrainingError, match="There are: repeat-0-fold-0, repeat-0-fold-1, shipped"):
        fit(Run.begin(recipe, data, tmp_path, False), only="fold-7")


def test_a_part_that_another_process_trains_is_left_to_it_and_so_are_its_views(
    trained, data, tmp_path
):
    recipe = replace(trained.recipe, epochs=1, fracture_epochs=0, members=1)
    with exclusive_lock(tmp_path, "repeat-0-fold-0"):  # as another process does
        fit(Run.begin(recipe, data, tmp_path, False))
        done = {path.stem for path in tmp_path.glob("*.npz")}
        assert done == {"repeat-0-fold-1", "shipped", "final"}
        assert list((tmp_path / "views").rglob("*.npy"))
    fit(Run.begin(recipe, data, tmp_path, False))
    assert (tmp_path / "repeat-0-fold-0.npz").exists()
    assert not (tmp_path / "views").exists()
