"""Trains one detector: its trunk stays as ImageNet left it, the rest learns from what that makes of views."""

import logging
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from tqdm import tqdm

from classifier.detector import DetectorNetwork, strongest_cells
from training.datasets.detector_pictures import BOXES, Pictures
from training.detector_config import Recipe
from training.fitting.detection.augmented_views import Batch, Views
from training.fitting.detection.epochs import Epochs
from training.fitting.detection.losses import extent_loss, heat_loss, picture_loss
from training.fitting.detection.targets import STRIDE, cell_targets
from training.fitting.training_state import Course
from training.networks.device import Device
from training.networks.own_backbone import OwnBackbone
from training.networks.pretrained_detector import pretrained_detector

_CLIP = 5.0  # norm of a gradient; a batch of odd views is not worth more
logger = logging.getLogger(__name__)


class Targets(NamedTuple):
    """Of a batch of n: ``heat`` (n, h, w), ``extent`` (n, 4, h, w), ``labels`` (n,) 1 where broken;
    ``located`` (n,): where the breaks are is known. ``counted`` (n,): the picture's own loss counts it.
    """

    heat: torch.Tensor
    extent: torch.Tensor
    labels: torch.Tensor
    located: torch.Tensor
    counted: torch.Tensor


def train_detector(
    recipe: Recipe,
    epochs: Epochs,
    views: Views,
    path: Path,
    device: Device,
    progress: bool,
    backbone: OwnBackbone | None = None,
) -> DetectorNetwork:
    """The moving average of all steps. A checkpoint beside ``path`` is written after each epoch and, where
    it is there, gone on from.
    """
    checkpoint = path.with_suffix(".checkpoint")
    steps = -(-epochs.pictures_each // recipe.batch)
    course = _begun(recipe, recipe.epochs * steps, epochs.seed, device, backbone)
    if checkpoint.exists():
        course.restore(checkpoint)
        logger.info("%s goes on after epoch %d", checkpoint.stem, course.epochs)
    bar = tqdm(
        total=recipe.epochs * steps,
        initial=course.epochs * steps,
        desc=checkpoint.stem,
        unit="step",
        disable=not progress,
    )
    while course.epochs < recipe.epochs:
        course.network.train()
        rows, numbers = epochs(course.epochs)
        for start in range(0, len(rows), recipe.batch):
            here = slice(start, start + recipe.batch)
            network = cast(DetectorNetwork, course.network)
            loss = _loss(recipe, network, epochs.pictures, views, rows[here], numbers[here], device)
            course.step(loss, clip=_CLIP)
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.2f}")
        course.epochs += 1
        course.save(checkpoint)
    bar.close()
    network = cast(DetectorNetwork, course.averaged)
    # Not while it learns: there each of the score's two parts has a loss of its own.
    network.pool_weight.fill_(recipe.pool_weight)
    network.mirrored = recipe.mirrored  # its views are mirrored at random while it learns
    return network


def _begun(
    recipe: Recipe, steps: int, seed: int, device: Device, backbone: OwnBackbone | None
) -> Course:
    """Equal recipes and seeds begin equal."""
    torch.manual_seed(seed)
    network = pretrained_detector(backbone).to(device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for module in network.frozen:
        module.requires_grad_(False)
    tuned = [each for each in network.stages.parameters() if each.requires_grad]
    known = {id(parameter) for parameter in network.stages.parameters()}
    new = [
        parameter
        for parameter in network.parameters()
        if parameter.requires_grad and id(parameter) not in known
    ]
    groups = [
        {"params": tuned, "lr": recipe.learning_rate * recipe.backbone_rate},
        {"params": new, "lr": recipe.learning_rate},
    ]
    return Course.begin(network, groups, steps, recipe.weight_decay, recipe.ema, seed)


def _loss(
    recipe: Recipe,
    network: DetectorNetwork,
    pictures: Pictures,
    views: Views,
    rows: np.ndarray,
    numbers: np.ndarray,
    device: Device,
) -> torch.Tensor:
    batch = views(rows, numbers)
    targets = _targets(recipe, pictures, rows, batch, device)
    with device.mixed_precision():
        found = network.maps(batch.maps.to(device.kind))
    heat, extent, fracture = (each.float() for each in found)
    strongest = strongest_cells(heat)
    return (
        heat_loss(heat, targets.heat, targets.located)
        + recipe.box_weight * extent_loss(extent, targets.extent, targets.heat)
        + recipe.picture_weight * picture_loss(fracture[:, 0], targets.labels, targets.counted)
        + recipe.strongest_weight * picture_loss(strongest[:, 0], targets.labels, targets.counted)
    )


def _targets(
    recipe: Recipe, pictures: Pictures, rows: np.ndarray, batch: Batch, device: Device
) -> Targets:
    """A healthy picture is negative in every cell. A broken one without boxes, or whose boxes its view has
    lost, teaches its cells nothing. ``boxes`` has no healthy picture: were its pictures told to be broken,
    its look would be learnt instead.
    """
    cells = recipe.size // STRIDE
    heat, extent = zip(*(cell_targets(corners, cells) for corners in batch.corners), strict=True)
    broken = pictures.fractured[rows]
    boxed = np.array([len(corners) > 0 for corners in batch.corners])
    counted = batch.known & (pictures.collections[rows] != BOXES)
    arrays = (np.stack(heat), np.stack(extent), broken, ~broken | boxed, counted)
    return Targets(*(torch.from_numpy(array).float().to(device.kind) for array in arrays))
