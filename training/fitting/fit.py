"""Trains every part of a run: the outer folds of each repeat, the shipped split, the network to release.

A part that is done has left its scores (``PART.npz``) and is not trained again; one under way leaves a
checkpoint an epoch: a killed run goes on with the epoch that it was in.
"""

import json
import logging
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import torch
from tqdm import tqdm

from classifier.network import FractureNetwork, joined, shape_of
from training.config import Config
from training.datasets.dataset import Dataset, identity
from training.datasets.material import Material
from training.errors import TrainingError
from training.fitting.augment import mixed, patched
from training.fitting.augmented_views import Views
from training.fitting.explain import explained
from training.fitting.held_out import conflict_arrays
from training.fitting.linear_heads import (
    Members,
    Seen,
    fit_fracture_head,
    fit_kinds_head,
    join_types_heads,
    look,
    scored,
    texture_of,
)
from training.fitting.run_record import remember
from training.fitting.splits import FINAL, PARTS, SHIPPED, Part, parts
from training.fitting.tasks import FractureTask, Task, TypesTask
from training.fitting.training_state import Course
from training.networks.device import Device
from training.networks.graph import round_as_released
from training.networks.pretrained import freeze, learning_parameters, new_network
from training.storage.atomic import save_arrays, save_tensors, write_file
from training.storage.files import read_arrays, read_network
from training.storage.locks import delete_unused, share_work, shared_lock

FRACTURE = "fracture"  # the member that learns fracture or none
VIEWS = "views"  # their folder in a run's
logger = logging.getLogger(__name__)


def fit(
    config: Config,
    material: Material,
    run: Path,
    progress: bool = True,
    only: str = "*",
) -> None:
    """Writes ``PART.npz`` for each part whose name matches ``only``, and ``final.safetensors`` last.

    Raises TrainingError where no part is called so.
    """
    device = Device.best(config.threads)
    remember(config, run, material.fingerprint)
    every = list(parts(config, material))
    write_file(run / PARTS, json.dumps([part.name for part in every]))
    chosen = [part for part in every if fnmatch(part.name, only)]
    if not chosen:
        names = ", ".join(part.name for part in every)
        raise TrainingError(f"No part is called {only!r}. There are: {names}.")
    with shared_lock(run / VIEWS):
        views = cache(lambda: _views(config, material, run, device, progress))
        share_work(
            chosen,
            run,
            lambda part: _finished(part, run),
            lambda part: _fit_part(config, material, views, part, run, device, progress),
        )
    delete_unused(run / VIEWS, lambda: all((run / f"{part.name}.npz").exists() for part in every))


def _finished(part: Part, run: Path) -> bool:
    """Raises TrainingError where what the part left is damaged."""
    scores, network = run / f"{part.name}.npz", run / f"{FINAL}.safetensors"
    if not scores.exists() or (part.name == FINAL and not network.exists()):
        return False
    read_arrays(scores)
    if part.name == FINAL:
        read_network(network)
    return True


def _views(
    config: Config, material: Material, run: Path, device: Device, progress: bool
) -> dict[str, Views]:
    """Of each data set that members learn from."""
    learnt = {"types": material.types}
    if config.fracture_epochs:
        learnt["bones"] = material.bones
    trunk = new_network(config).to(device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return {
        name: Views.made(run / VIEWS / name, trunk.eval(), dataset, config, device, progress)
        for name, dataset in learnt.items()
    }


def _fit_part(
    config: Config,
    material: Material,
    views: Callable[[], dict[str, Views]],
    part: Part,
    run: Path,
    device: Device,
    progress: bool,
) -> None:
    """Trains the members, fits the further heads, scores what was held out; the scores come last."""
    tasks: dict[str, Task] = {
        str(number): TypesTask(config, material.types, part.learn)
        for number in range(config.members)
    }
    if config.fracture_epochs:
        tasks[FRACTURE] = FractureTask(config, material.bones, part.bones_learn)
    trained = {}
    for number, (name, task) in enumerate(tasks.items()):
        path = run / f"{part.name}-member-{name}.safetensors"
        if not path.exists():
            seen = views()["bones" if name == FRACTURE else "types"]
            network = train(task, seen, path, config.seed + 100 * number, device, progress)
            save_tensors(path, network.state_dict(), shape_of(network))
            path.with_suffix(".checkpoint").unlink()
        trained[name] = read_network(path)
    fracture = trained.pop(FRACTURE, None)
    members = Members(list(trained.values()), fracture)
    network = joined(members.all, config.frozen_blocks, config.mirrored).to(device.kind)
    network = network.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    scores = _scores(config, material, part, network, members, device)
    if part.name == FINAL:
        save_tensors(run / f"{FINAL}.safetensors", network.state_dict(), shape_of(network))
    save_arrays(run / f"{part.name}.npz", scores)
    for path in run.glob(f"{part.name}-member-*"):
        path.unlink()


def _scores(
    config: Config,
    material: Material,
    part: Part,
    network: FractureNetwork,
    members: Members,
    device: Device,
) -> dict[str, np.ndarray]:
    """Fits the heads; raw scores of everything that this part's members and heads have not learnt from.

    Beside a detector that is the types alone: it says fracture or none, and the kinds head is fitted apart
    (``training.fitting.kinds_head``).
    """
    held = np.flatnonzero(part.held)
    types = look(network, material.types, config.size, device)
    join_types_heads(network, members)
    out = {
        **_identity("types", material.types, part.held),
        "types_logits": scored(network.head, types.pooled[held]),
    }
    several = part.conflicts_held
    out |= conflict_arrays(material.types, several, scored(network.head, types.pooled[several]))
    if part.name != SHIPPED and config.detector is None:
        out |= _scores_of_further_heads(config, material, part, network, members, types, device)
    if part.name == FINAL:
        round_as_released(network)
    if part.name == FINAL and material.outside is not None:
        outside = look(network, material.outside, config.size, device)
        out |= {
            **_identity("outside", material.outside, np.ones(len(material.outside), bool)),
            "outside_fracture": scored(network.fracture, outside.pooled)[:, 0],
            "outside_kinds": scored(network.kinds, outside.texture),
        }
    if part.name.startswith("repeat-0"):
        out |= explained(network, material.types, held, config.size, device, config.seed)
    if len(held):
        right = out["types_logits"].argmax(1) == material.types.labels[held]
        logger.info("%s: %d held out, accuracy %.1f %%", part.name, len(held), 100 * right.mean())
    return out


def _scores_of_further_heads(
    config: Config,
    material: Material,
    part: Part,
    network: FractureNetwork,
    members: Members,
    types: Seen,
    device: Device,
) -> dict[str, np.ndarray]:
    """Fits the heads for fracture or none and for the kinds of pictures, and scores what was held out."""
    bones = look(network, material.bones, config.size, device)
    texture = texture_of(network, material.foreign, config.size, device)
    seen, states = bones.pooled[part.bones_learn], material.bones.labels[part.bones_learn]
    fit_fracture_head(network, members, seen, states, config.probe_strength)
    films = np.concatenate([types.texture[part.learn], bones.texture[part.bones_learn]])
    others = texture[part.foreign_learn]
    kinds = material.foreign.labels[part.foreign_learn]
    fit_kinds_head(network, films, others, kinds, config.kinds_probe_strength)
    return {
        "types_kinds": scored(network.kinds, types.texture[part.held]),
        **_identity("bones", material.bones, part.bones_held),
        "bones_fracture": scored(network.fracture, bones.pooled[part.bones_held])[:, 0],
        "bones_kinds": scored(network.kinds, bones.texture[part.bones_held]),
        **_identity("foreign", material.foreign, part.foreign_held),
        "foreign_kinds": scored(network.kinds, texture[part.foreign_held]),
    }


def _identity(name: str, dataset: Dataset, keep: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{name}_{key}": values for key, values in identity(dataset, keep).items()}


def train(
    task: Task, views: Views, path: Path, seed: int, device: Device, progress: bool
) -> FractureNetwork:
    """A network that has learnt ``task`` from ``views``; its weights are the moving average of all steps.

    A checkpoint beside ``path`` is written after each epoch and, where it is there, gone on from.
    """
    checkpoint = path.with_suffix(".checkpoint")
    course = _begun(task, seed, device)
    if checkpoint.exists():
        course.restore(checkpoint)
        logger.info("%s goes on after epoch %d", checkpoint.stem, course.epochs)
    bar = tqdm(
        total=task.steps,
        initial=course.epochs * task.steps // task.epochs,
        desc=checkpoint.stem,
        unit="step",
        disable=not progress,
    )
    order = views.order(len(task.dataset), seed)
    while course.epochs < task.epochs:
        course.network.train()
        shown = order[:, course.epochs % order.shape[1]]
        for maps, targets in _batches(task, views, shown, course.generator, device):
            with device.mixed_precision():
                scores = cast(FractureNetwork, course.network).member(maps, task.head)
            loss = task.loss(scores.float(), targets)
            course.step(loss)
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.2f}")
        course.epochs += 1
        course.save(checkpoint)
    bar.close()
    return cast(FractureNetwork, course.averaged)


def _begun(task: Task, seed: int, device: Device) -> Course:
    """Equal tasks and seeds begin equal."""
    config = task.config
    torch.manual_seed(seed)
    network = new_network(config)
    network = network.to(device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    freeze(network, config.frozen_blocks, task.head)
    groups = learning_parameters(network, task.head, task.rate, config.backbone_rate)
    return Course.begin(network, groups, task.steps, config.weight_decay, config.ema, seed)


def _batches(
    task: Task, views: Views, shown: np.ndarray, generator: torch.Generator, device: Device
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """What the trunk made of each picture's view of this epoch, ``shown`` (N,), and the targets."""
    config, order = task.config, task.order(generator)
    rng = np.random.default_rng(int(torch.randint(1 << 31, (1,), generator=generator)))
    every = torch.from_numpy(task.targets)
    for start in range(0, len(order), config.batch):
        picked = order[start : start + config.batch]
        maps, targets = views(picked, shown[picked]).to(device.kind), every[picked].to(device.kind)
        if config.mixup:
            maps, targets = mixed(maps, targets, config.mixup, rng)
        if config.cutmix:
            maps, targets = patched(maps, targets, config.cutmix, rng)
        yield maps, targets
