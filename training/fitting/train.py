"""Trains one member of an ensemble from augmented views; resumes from its checkpoint."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from tqdm import tqdm

from classifier.network import FractureNetwork
from training.fitting.augment import cutmix, mixup
from training.fitting.augmented_views import AugmentedViews
from training.fitting.run import ClassifierRun
from training.fitting.tasks import Task
from training.fitting.training_state import TrainingState
from training.networks.device import Device
from training.networks.pretrained import new_network

logger = logging.getLogger(__name__)


def train(
    run: ClassifierRun, task: Task, views: AugmentedViews, path: Path, seed: int
) -> FractureNetwork:
    """Returns a network that was trained for ``task``; its weights are the moving average over all steps.

    A checkpoint is written beside ``path`` after each epoch. If it is there already, training continues
    from it.
    """
    checkpoint = path.with_suffix(".checkpoint")
    state = _initial_state(task, seed, run.device)
    if checkpoint.exists():
        state.restore(checkpoint)
        logger.info("%s continues after epoch %d", checkpoint.stem, state.epochs)
    bar = tqdm(
        total=task.steps,
        initial=state.epochs * task.steps // task.epochs,
        desc=checkpoint.stem,
        unit="step",
        disable=not run.progress,
    )
    order = views.order(len(task.dataset), seed)
    while state.epochs < task.epochs:
        view_of_picture = order[:, state.epochs % order.shape[1]]
        _train_one_epoch(state, task, views, view_of_picture, run.device, bar)
        state.epochs += 1
        state.save(checkpoint)
    bar.close()
    return cast(FractureNetwork, state.averaged)


def _train_one_epoch(
    state: TrainingState,
    task: Task,
    views: AugmentedViews,
    view_of_picture: np.ndarray,
    device: Device,
    bar: "tqdm[Any]",
) -> None:
    state.network.train()
    for maps, targets in _batches(task, views, view_of_picture, state.generator, device):
        with device.mixed_precision():
            scores = cast(FractureNetwork, state.network).member(maps, task.head)
        loss = task.loss(scores.float(), targets)
        state.step(loss)
        bar.update()
        bar.set_postfix(loss=f"{loss.item():.2f}")


def _initial_state(task: Task, seed: int, device: Device) -> TrainingState:
    """Equal tasks and seeds give equal states."""
    config = task.config
    torch.manual_seed(seed)
    network = new_network(config)
    network = network.to(device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    freeze(network, config.frozen_blocks, task.head)
    groups = parameter_groups(network, task.head, task.rate, config.backbone_rate)
    return TrainingState.begin(network, groups, task.steps, config.weight_decay, config.ema, seed)


def _batches(
    task: Task,
    views: AugmentedViews,
    view_of_picture: np.ndarray,
    generator: torch.Generator,
    device: Device,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yields the trunk's maps (n, C, h, w) and the targets (n, K) of each batch of one epoch.

    ``view_of_picture`` (N,): which view of each picture this epoch shows.
    """
    config, order = task.config, task.order(generator)
    rng = np.random.default_rng(int(torch.randint(1 << 31, (1,), generator=generator)))
    all_targets = torch.from_numpy(task.targets)
    for start in range(0, len(order), config.batch):
        rows = order[start : start + config.batch]
        maps = views(rows, view_of_picture[rows]).to(device.kind)
        targets = all_targets[rows].to(device.kind)
        if config.mixup:
            maps, targets = mixup(maps, targets, config.mixup, rng)
        if config.cutmix:
            maps, targets = cutmix(maps, targets, config.cutmix, rng)
        yield maps, targets


def freeze(network: FractureNetwork, blocks: int, head: str) -> None:
    """Freezes everything but the blocks behind the first ``blocks``, and ``head`` ("head" or "fracture").

    The other heads belong to another member, or are fitted afterwards (``training.fitting.linear_heads``).
    """
    heads = {name: getattr(network, name) for name in ("head", "fracture", "kinds")}
    del heads[head]
    trunk = [network.backbone.stem, *network.backbone.blocks[:blocks]]
    for module in (*trunk, *heads.values()):
        module.requires_grad_(False)


def parameter_groups(
    network: FractureNetwork, head: str, rate: float, backbone_rate: float
) -> list[dict[str, Any]]:
    """The optimizer's groups: the head is trained at ``rate``, the backbone at ``rate * backbone_rate``."""
    backbone = [weight for weight in network.backbone.parameters() if weight.requires_grad]
    return [
        {"params": backbone, "lr": rate * backbone_rate},
        {"params": list(getattr(network, head).parameters()), "lr": rate},
    ]
