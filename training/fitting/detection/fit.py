"""Trains the detector of every part of a run, and scores what each part held out.

A part that is done has left its scores (``PART.npz``) and is not trained again.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError

from classifier.detector import DetectorNetwork, load_detector, shape_of_detector
from classifier.preprocess import placement
from training.config import Config
from training.datasets.detector_pictures import Pictures
from training.datasets.external_collection import MARKS
from training.detector_config import Recipe
from training.errors import TrainingError
from training.fitting.detection.alterations import ALTERATIONS, altered, chosen
from training.fitting.detection.augmented_views import Views, view_counts
from training.fitting.detection.epochs import Epochs
from training.fitting.detection.run_record import remember_detectors
from training.fitting.detection.splits import (
    DETECTOR_PARTS,
    FINAL,
    FOLD_PARTS,
    PREFIX,
    DetectorPart,
    detector_parts,
)
from training.fitting.detection.targets import STRIDE
from training.fitting.detection.train import train_detector
from training.fitting.run_record import remember
from training.networks.device import Device
from training.networks.own_backbone import OwnBackbone
from training.networks.pretrained_detector import pretrained_detector
from training.storage.atomic import save_arrays, save_tensors, write_file
from training.storage.files import damaged, missing, read_arrays
from training.storage.locks import delete_unused, share_work, shared_lock

VIEWS = "detector-views"  # their folder in a run's
_BATCH = 32
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DetectorRun:
    """What every part of a run shares."""

    config: Config
    recipe: Recipe
    pictures: Pictures
    folder: Path
    device: Device
    progress: bool
    backbone: OwnBackbone | None = None


def fit_detectors(
    config: Config,
    pictures: Pictures,
    folder: Path,
    progress: bool,
    only: str = "*",
    backbone: OwnBackbone | None = None,
) -> None:
    """Writes ``PART.npz`` for each part whose name matches ``only``, and ``detector-final.safetensors``.

    Raises TrainingError where the recipe has no detector, or the run is of another recipe or other data.
    """
    if config.detector is None:
        raise TrainingError("The recipe has no [detector].")
    run = DetectorRun(
        config, config.detector, pictures, folder, Device.best(config.threads), progress, backbone
    )
    remember(config, folder)
    remember_detectors(config, folder, backbone, pictures)
    every = list(detector_parts(config, pictures))
    write_file(folder / DETECTOR_PARTS, json.dumps([part.name for part in every]))
    chosen_parts = [part for part in every if fnmatch(part.name, only)]
    with shared_lock(folder / VIEWS):
        views = cache(lambda: _views(run))
        share_work(
            chosen_parts,
            folder,
            lambda part: _finished(part, folder),
            lambda part: _fit_part(run, views, part),
        )
    delete_unused(
        folder / VIEWS, lambda: all((folder / f"{part.name}.npz").exists() for part in every)
    )


def _finished(part: DetectorPart, folder: Path) -> bool:
    """Raises TrainingError where what the part left is damaged."""
    scores, network = folder / f"{part.name}.npz", folder / f"{part.name}.safetensors"
    if not scores.exists() or (part.name == FINAL and not network.exists()):
        return False
    read_arrays(scores)
    if part.name == FINAL:
        read_detector(network)
    return True


def _views(run: DetectorRun) -> Views:
    network = pretrained_detector(run.backbone).to(
        run.device.kind, memory_format=torch.channels_last
    )  # type: ignore[call-overload]
    return Views.made(
        run.folder / VIEWS,
        network.eval(),
        run.pictures,
        run.recipe,
        run.config.seed,
        run.device,
        run.progress,
        run.backbone,
    )


def _fit_part(run: DetectorRun, views: Callable[[], Views], part: DetectorPart) -> None:
    """The scores come last: they say that the part is done. ``views`` are drawn only for a part that learns;
    one that lacks no more than its scores doesn't need them.
    """
    path = run.folder / f"{part.name}.safetensors"
    if not path.exists():
        counts = view_counts(run.pictures, run.recipe)
        epochs = Epochs(run.pictures, part.learn, counts, run.recipe, run.config.seed)
        network = train_detector(
            run.recipe, epochs, views(), path, run.device, run.progress, run.backbone
        )
        save_tensors(path, network.state_dict(), shape_of_detector(network))
        path.with_suffix(".checkpoint").unlink()
    save_arrays(run.folder / f"{part.name}.npz", _scores(run, part, read_detector(path)))


def read_detector(path: Path) -> DetectorNetwork:
    """Raises TrainingError where it isn't there or is damaged."""
    if not path.is_file():
        raise missing(path)
    try:
        return load_detector(path).eval()
    except (SafetensorError, ValueError, KeyError, RuntimeError):
        raise damaged(path) from None


def _scores(
    run: DetectorRun, part: DetectorPart, network: DetectorNetwork
) -> dict[str, np.ndarray]:
    """Of each held-out picture: which it is, what the detector made of it, and where the breaks are."""
    network = network.to(run.device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    rows = np.flatnonzero(part.held)
    out = _identity(run.pictures, rows, run.recipe.size)
    out |= _seen(network, run, run.pictures.pixels[rows])
    if part.name.startswith(f"{PREFIX}{FOLD_PARTS}"):
        count = (
            run.recipe.altered // run.config.folds
        )  # each fold has its share: none is like another
        chosen_rows = chosen(run.pictures, part.held, count, run.config.seed)
        found = [
            _seen(network, run, altered(run.pictures, chosen_rows, name, run.config.seed))
            for name in ALTERATIONS
        ]
        out |= {
            "altered_names": np.array(list(ALTERATIONS)),
            "altered_rows": np.searchsorted(rows, chosen_rows),
            "altered_fracture": np.stack([each["fracture"] for each in found]),
        }
    return out


def _identity(pictures: Pictures, rows: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """``training.evaluation.detector.held`` says what each is."""
    own = [pictures.rows[row] for row in rows]
    boxes = [(index, *box) for index, row in enumerate(own) for box in row.boxes]
    places = [placement(row.size[1], row.size[0], size) for row in own]
    return {
        "ids": np.array([row.sha256[:16] for row in own], "U16"),
        "collections": np.array([row.collection for row in own], str),
        "groups": np.array([row.group for row in own], str),
        "radiographs": np.array([row.radiograph for row in own], str),
        "measured": np.array([row.measured for row in own], bool),
        "labels": np.array([row.fractured for row in own], int),
        "sizes": np.array([row.size for row in own], int).reshape(-1, 2),
        "places": np.array(
            [(place.top, place.left, place.height, place.width) for place in places], int
        ).reshape(-1, 4),
        "boxes": np.array(boxes, float).reshape(-1, 5),
        **{
            f"marks_{name}": np.array([row.marks.get(name, False) for row in own], bool)
            for name in MARKS
        },
    }


@torch.inference_mode()
def _seen(network: DetectorNetwork, run: DetectorRun, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """(n, S, S) uint8 → ``heat`` (n, h, w) and ``extent`` (n, 4, h, w) float16, ``fracture`` (n,) float32."""
    found = [_empty(run.recipe.size)]
    for start in range(0, len(pixels), _BATCH):
        inputs = run.device.inputs(pixels[start : start + _BATCH], run.recipe.size)
        maps = network(inputs)
        heat, extent, fracture = (each.float().cpu().numpy() for each in maps)
        found.append((heat.astype(np.float16), extent.astype(np.float16), fracture[:, 0]))
    names = ("heat", "extent", "fracture")
    return {
        name: np.concatenate(part)
        for name, part in zip(names, zip(*found, strict=True), strict=True)
    }


def _empty(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    cells = size // STRIDE
    return (
        np.zeros((0, cells, cells), np.float16),
        np.zeros((0, 4, cells, cells), np.float16),
        np.zeros(0, np.float32),
    )
