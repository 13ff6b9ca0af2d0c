"""A killed training goes on with the epoch that it was in, and ends where it would have ended."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from training.config import Config
from training.course import Course
from training.data import load, read_rows
from training.errors import TrainingError
from training.fit import fit, train


@pytest.fixture
def dataset(trained):
    return load(read_rows(trained.data), trained.recipe.cache_size, print, progress=False)


def kill_after_an_epoch(monkeypatch) -> None:
    save = Course.save

    def save_and_die(self, path):
        save(self, path)
        raise KeyboardInterrupt

    monkeypatch.setattr(Course, "save", save_and_die)


def test_a_killed_training_ends_with_the_weights_of_one_that_was_not(
    trained, dataset, tmp_path, monkeypatch
):
    rows = np.arange(16)
    whole = train(trained.recipe, dataset, rows, tmp_path / "whole.checkpoint", False)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        kill_after_an_epoch(patch)
        train(trained.recipe, dataset, rows, tmp_path / "cut.checkpoint", False)
    torch.manual_seed(99)  # another process would begin with other random states
    resumed = train(trained.recipe, dataset, rows, tmp_path / "cut.checkpoint", False)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_a_killed_fit_trains_no_epoch_twice(trained, dataset, tmp_path, monkeypatch):
    saved = []
    save = Course.save
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        kill_after_an_epoch(patch)
        fit(trained.recipe, dataset, tmp_path, False)
    monkeypatch.setattr(
        Course, "save", lambda self, path: (saved.append(path.stem), save(self, path))
    )
    fit(trained.recipe, dataset, tmp_path, False)
    assert saved == ["fold-0", "fold-1", "fold-1", "final", "final"]
    assert not list(tmp_path.glob("*.checkpoint"))
    final = load_file(tmp_path / "final.safetensors")
    expected = load_file(trained.run / "final.safetensors")
    assert all(torch.equal(final[name], expected[name]) for name in expected)


def test_a_run_refuses_another_recipe(trained, dataset):
    known = json.loads((trained.run / "run.json").read_text())
    other = Config(**{**known["config"], "epochs": 9})
    with pytest.raises(TrainingError, match="another configuration"):
        fit(other, dataset, trained.run, False)
