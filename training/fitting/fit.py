"""Fits every split of a run: the outer folds of each repeat, the shipped split, the network to release.

A finished split has left its scores (``SPLIT.npz``) and is not fitted again. An unfinished one leaves a
checkpoint after each epoch, so a killed run continues with the epoch that it was in.
"""

import json
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import torch

from classifier.network import FractureNetwork, joined, shape_of
from training.errors import TrainingError
from training.fitting.augmented_views import AugmentedViews
from training.fitting.held_out import score_held_out
from training.fitting.linear_heads import EnsembleMembers
from training.fitting.run import VIEWS, ClassifierRun
from training.fitting.run_record import record_run
from training.fitting.splits import FINAL, SPLITS, Split, splits
from training.fitting.tasks import FractureTask, Task, TypesTask
from training.fitting.train import train
from training.networks.pretrained import new_network
from training.storage.atomic import save_arrays, save_tensors, write_file
from training.storage.files import read_arrays, read_network
from training.storage.locks import delete_unused, share_work, shared_lock

FRACTURE = "fracture"  # the member that is trained for fracture or none
Views = dict[str, AugmentedViews]  # by the name of a data set


def fit(run: ClassifierRun, only: str = "*") -> None:
    """Writes ``SPLIT.npz`` for each split whose name matches ``only``, and ``final.safetensors`` last.

    Raises TrainingError if no split has such a name.
    """
    record_run(run.config, run.folder, run.data.fingerprint)
    all_splits = list(splits(run.config, run.data))
    write_file(run.folder / SPLITS, json.dumps([split.name for split in all_splits]))
    chosen = [split for split in all_splits if fnmatch(split.name, only)]
    if not chosen:
        names = ", ".join(split.name for split in all_splits)
        raise TrainingError(f"No split is called {only!r}. There are: {names}.")
    with shared_lock(run.folder / VIEWS):
        views = cache(lambda: _views(run))  # computed only if a split has to be trained
        share_work(
            chosen,
            run.folder,
            lambda split: _is_finished(split, run.folder),
            lambda split: _fit_split(run, views, split),
        )
    delete_unused(
        run.folder / VIEWS,
        lambda: all((run.folder / f"{split.name}.npz").exists() for split in all_splits),
    )


def _is_finished(split: Split, folder: Path) -> bool:
    """Raises TrainingError if what the split left is damaged."""
    scores, network = folder / f"{split.name}.npz", folder / f"{FINAL}.safetensors"
    if not scores.exists() or (split.name == FINAL and not network.exists()):
        return False
    read_arrays(scores)
    if split.name == FINAL:
        read_network(network)
    return True


def _views(run: ClassifierRun) -> Views:
    names = ["types", "bones"] if run.config.fracture_epochs else ["types"]
    trunk = new_network(run.config)
    trunk = trunk.to(run.device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return {name: AugmentedViews.of(run, name, trunk.eval()) for name in names}


def _fit_split(run: ClassifierRun, views: Callable[[], Views], split: Split) -> None:
    """Trains the members, fits the further heads, scores what was held out.

    The scores are written last, because they say that the split is finished. The members' own files are
    needed only until then.
    """
    members = _train_members(run, views, split)
    network = joined(members.all, run.config.frozen_blocks, run.config.mirrored)
    network = network.to(run.device.kind, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    scores = score_held_out(run, split, network, members)
    if split.name == FINAL:
        save_tensors(run.folder / f"{FINAL}.safetensors", network.state_dict(), shape_of(network))
    save_arrays(run.folder / f"{split.name}.npz", scores)
    for path in run.folder.glob(f"{split.name}-member-*"):
        path.unlink()


def _train_members(run: ClassifierRun, views: Callable[[], Views], split: Split) -> EnsembleMembers:
    trained: dict[str, FractureNetwork] = {}
    for number, (name, task) in enumerate(_tasks(run, split).items()):
        path = run.folder / f"{split.name}-member-{name}.safetensors"
        if not path.exists():
            views_of_task = views()["bones" if name == FRACTURE else "types"]
            # A seed of its own gives each member other new heads and another order of pictures.
            network = train(run, task, views_of_task, path, run.config.seed + 100 * number)
            save_tensors(path, network.state_dict(), shape_of(network))
            path.with_suffix(".checkpoint").unlink()
        trained[name] = read_network(path)
    fracture = trained.pop(FRACTURE, None)
    return EnsembleMembers(list(trained.values()), fracture)


def _tasks(run: ClassifierRun, split: Split) -> dict[str, Task]:
    """What each member is trained for, by the member's name."""
    tasks: dict[str, Task] = {
        str(number): TypesTask(run.config, run.data.types, split.train)
        for number in range(run.config.members)
    }
    if run.config.fracture_epochs:
        tasks[FRACTURE] = FractureTask(run.config, run.data.bones, split.bones_train)
    return tasks
