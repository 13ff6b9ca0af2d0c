"""Trains one detector from augmented views: end to end, or behind a trunk that keeps ImageNet's weights."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from tqdm import tqdm

from classifier.detector import DetectorNetwork, strongest_cells
from training.datasets.detector_pictures import BOXES
from training.detector_config import DetectorConfig
from training.fitting.detection.augmented_views import Batch, DetectorViews
from training.fitting.detection.epochs import Epochs
from training.fitting.detection.live import LiveViews
from training.fitting.detection.losses import (
    consistency_loss,
    extent_loss,
    heat_loss,
    picture_loss,
)
from training.fitting.detection.targets import STRIDE, cell_targets
from training.fitting.run import DetectorRun
from training.fitting.training_state import TrainingState
from training.networks.pretrained_detector import pretrained_detector

_CLIP = 5.0  # highest norm of a gradient, so that one batch of odd views can't undo many others
_CHECKPOINT_EACH = 5  # epochs of training end to end, since they take seconds on an accelerator
logger = logging.getLogger(__name__)


class Targets(NamedTuple):
    """The targets of a batch of n pictures, float32.

    ``heat`` (n, h, w), ``extent`` (n, 4, h, w): see ``cell_targets``. ``labels`` (n,): 1 if fractured.
    ``located`` (n,): 1 if the places of the fractures are known. ``counted`` (n,): 1 if the loss for the
    whole picture counts the picture. ``known`` (n,): 1 if the view shows what its label says.
    """

    heat: torch.Tensor
    extent: torch.Tensor
    labels: torch.Tensor
    located: torch.Tensor
    counted: torch.Tensor
    known: torch.Tensor


def train_detector(
    run: DetectorRun, epochs: Epochs, views: DetectorViews | LiveViews, path: Path
) -> DetectorNetwork:
    """Returns the moving average of the network over all steps.

    A checkpoint is written beside ``path`` after each epoch, or each fifth of training end to end. If it is
    there already, training continues from it.
    """
    recipe, checkpoint = run.recipe, path.with_suffix(".checkpoint")
    steps = sum(1 for _ in _batches(recipe, *epochs(0)))
    state = _initial_state(run, recipe.epochs * steps, epochs.seed)
    if checkpoint.exists():
        state.restore(checkpoint)
        logger.info("%s continues after epoch %d", checkpoint.stem, state.epochs)
    bar = tqdm(
        total=recipe.epochs * steps,
        initial=state.epochs * steps,
        desc=checkpoint.stem,
        unit="step",
        disable=not run.progress,
    )
    while state.epochs < recipe.epochs:
        _train_one_epoch(run, state, *epochs(state.epochs), views, bar)
        state.epochs += 1
        last = state.epochs == recipe.epochs
        if last or not recipe.end_to_end or state.epochs % _CHECKPOINT_EACH == 0:
            state.save(checkpoint)
    bar.close()
    network = cast(DetectorNetwork, state.averaged)
    # Set after training: during training each of the score's two parts has a loss of its own.
    network.pool_weight.fill_(recipe.pool_weight)
    # Set after training: during training the views are mirrored at random.
    network.mirrored = recipe.mirrored
    return network


def _train_one_epoch(
    run: DetectorRun,
    state: TrainingState,
    rows: np.ndarray,
    numbers: np.ndarray,
    views: DetectorViews | LiveViews,
    bar: "tqdm[Any]",
) -> None:
    """``rows`` (n,): the pictures of the epoch. ``numbers`` (n,): which view of each."""
    state.network.train()
    network = cast(DetectorNetwork, state.network)
    for batch_rows, batch_numbers in _batches(run.recipe, rows, numbers):
        loss = _loss(run, network, views(batch_rows, batch_numbers), batch_rows)
        state.step(loss, clip=_CLIP)
        bar.update()
        if not bar.disable:  # reading the loss waits until an accelerator has done the step
            bar.set_postfix(loss=f"{loss.item():.2f}")


def _batches(
    recipe: DetectorConfig, rows: np.ndarray, numbers: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The rows and view numbers of each step of an epoch.

    With a consistency loss the second half of a batch are the pictures of the first half in other views.
    """
    views = 2 if recipe.consistency_weight else 1
    at_once = recipe.batch // views
    if recipe.end_to_end:
        # The last batch is filled up: cuDNN tries its kernels anew, for half a minute, for each new size.
        full = -(-len(rows) // at_once) * at_once
        rows, numbers = np.resize(rows, full), np.resize(numbers, full)
    for start in range(0, len(rows), at_once):
        here = slice(start, start + at_once)
        other = [numbers[here] + view for view in range(views)]
        yield np.tile(rows[here], views), np.concatenate(other)


def _initial_state(run: DetectorRun, steps: int, seed: int) -> TrainingState:
    """Equal recipes and seeds give equal states."""
    recipe = run.recipe
    torch.manual_seed(seed)
    network = pretrained_detector(run.backbone)
    network = network.to(run.device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for module in () if recipe.end_to_end else network.frozen:
        module.requires_grad_(False)
    backbone = [*network.stem.parameters(), *network.stages.parameters()]
    tuned = [weight for weight in backbone if weight.requires_grad]
    known = {id(parameter) for parameter in backbone}
    new = [
        parameter
        for parameter in network.parameters()
        if parameter.requires_grad and id(parameter) not in known
    ]
    groups = [
        {"params": tuned, "lr": recipe.learning_rate * recipe.backbone_rate},
        {"params": new, "lr": recipe.learning_rate},
    ]
    return TrainingState.begin(network, groups, steps, recipe.weight_decay, recipe.ema, seed)


def _loss(
    run: DetectorRun, network: DetectorNetwork, batch: Batch, rows: np.ndarray
) -> torch.Tensor:
    """The weighted sum of the losses: where, how large, twice whether there is a fracture, and whether two
    views agree.
    """
    recipe, device = run.recipe, run.device
    targets = _targets(run, rows, batch)
    with device.mixed_precision():
        maps = batch.maps.to(device.kind)
        outputs = network.maps(network.trunk(maps) if recipe.end_to_end else maps)
    heat, extent, fracture = (output.float() for output in outputs)
    strongest = strongest_cells(heat)
    loss = (
        heat_loss(heat, targets.heat, targets.located)
        + recipe.box_weight * extent_loss(extent, targets.extent, targets.heat)
        + recipe.picture_weight * picture_loss(fracture[:, 0], targets.labels, targets.counted)
        + recipe.strongest_weight * picture_loss(strongest[:, 0], targets.labels, targets.counted)
    )
    if recipe.consistency_weight:
        score = fracture[:, 0] + recipe.pool_weight * strongest[:, 0]
        difference = consistency_loss(score, targets.labels, targets.known)
        loss = loss + recipe.consistency_weight * difference
    return loss


def _targets(run: DetectorRun, rows: np.ndarray, batch: Batch) -> Targets:
    """A healthy picture is negative in every cell. If a broken picture has no boxes, or its view has lost
    them, its cells are left out of the losses.

    The collection ``boxes`` has no healthy picture. Its pictures are left out of the loss for the whole
    picture, because otherwise the network would recognise this collection. Its close-ups
    count: as many show no break as show one.
    """
    pictures, cells = run.data, run.recipe.size // STRIDE
    heat, extent = zip(*(cell_targets(corners, cells) for corners in batch.corners), strict=True)
    broken, countable = pictures.fractured[rows], pictures.collections[rows] != BOXES
    if batch.elsewhere is not None and batch.close is not None:
        broken, countable = broken & ~batch.elsewhere, countable | batch.close
    boxed = np.array([len(corners) > 0 for corners in batch.corners])
    arrays = (
        *(np.stack(heat), np.stack(extent), broken, ~broken | boxed),
        *(batch.known & countable, batch.known),
    )
    return Targets(*(torch.from_numpy(array).float().to(run.device.kind) for array in arrays))
