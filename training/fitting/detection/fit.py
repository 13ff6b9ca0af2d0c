"""Trains the detector of every split of a run, and scores what each split held out.

A finished split has left its scores (``SPLIT.npz``) and is not trained again. An unfinished one leaves a
checkpoint after each epoch, so a killed run continues with the epoch that it was in.
"""

import json
from collections.abc import Callable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import numpy as np
import torch

from classifier.detector import shape_of_detector
from training.fitting.detection.augmented_views import DetectorViews, view_counts
from training.fitting.detection.epochs import Epochs
from training.fitting.detection.held_out import score_held_out
from training.fitting.detection.live import LIVE_VIEWS, LiveViews
from training.fitting.detection.run_record import record_detectors
from training.fitting.detection.splits import (
    DETECTOR_SPLITS,
    FINAL,
    DetectorSplit,
    detector_splits,
)
from training.fitting.detection.train import train_detector
from training.fitting.run import DETECTOR_VIEWS, DetectorRun
from training.fitting.run_record import record_run
from training.networks.pretrained_detector import pretrained_detector
from training.storage.atomic import save_arrays, save_tensors, write_file
from training.storage.files import read_arrays, read_detector
from training.storage.locks import delete_unused, share_work, shared_lock


def fit_detectors(run: DetectorRun, only: str = "*") -> None:
    """Writes ``SPLIT.npz`` for each split whose name matches ``only``, and ``detector-final.safetensors``.

    Raises TrainingError if the folder belongs to another configuration or to other data.
    """
    folder = run.folder
    record_run(run.config, folder)
    record_detectors(run.config, folder, run.backbone, run.data)
    all_splits = list(detector_splits(run.config, run.data))
    write_file(folder / DETECTOR_SPLITS, json.dumps([split.name for split in all_splits]))
    chosen = [split for split in all_splits if fnmatch(split.name, only)]
    with shared_lock(folder / DETECTOR_VIEWS):
        views = cache(lambda: views_of(run))  # computed only if a split has to be trained
        share_work(
            chosen,
            folder,
            lambda split: _is_finished(split, folder),
            lambda split: _fit_split(run, views, split),
        )
    delete_unused(
        folder / DETECTOR_VIEWS,
        lambda: all((folder / f"{split.name}.npz").exists() for split in all_splits),
    )


def _is_finished(split: DetectorSplit, folder: Path) -> bool:
    """Raises TrainingError if what the split left is damaged."""
    scores, network = folder / f"{split.name}.npz", folder / f"{split.name}.safetensors"
    if not scores.exists() or (split.name == FINAL and not network.exists()):
        return False
    read_arrays(scores)
    if split.name == FINAL:
        read_detector(network)
    return True


def views_of(run: DetectorRun) -> DetectorViews | LiveViews:
    """What the splits of a run are trained from."""
    if run.recipe.end_to_end:
        return LiveViews.made(run.data, run.recipe.size, run.config.seed, run.device)
    network = pretrained_detector(run.backbone)
    network = network.to(run.device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return DetectorViews.of(run, network.eval())


def _fit_split(
    run: DetectorRun, views: Callable[[], DetectorViews | LiveViews], split: DetectorSplit
) -> None:
    """Trains and scores one detector. The scores are written last: they say that the split is finished."""
    path = train_split(run, views, split)
    scores = score_held_out(run, split, read_detector(path))
    save_arrays(run.folder / f"{split.name}.npz", scores)


def train_split(
    run: DetectorRun, views: Callable[[], DetectorViews | LiveViews], split: DetectorSplit
) -> Path:
    """Writes the weights of one detector if they aren't there, and returns their path.

    ``views`` is called only if the network has to be trained: a split that lacks only its scores doesn't
    need them.
    """
    path = run.folder / f"{split.name}.safetensors"
    if not path.exists():
        counts = view_counts(run.data, run.recipe)
        if run.recipe.end_to_end:
            counts = np.full(len(run.data), LIVE_VIEWS)
        epochs = Epochs(run.data, split.train, counts, run.recipe, run.config.seed)
        network = train_detector(run, epochs, views(), path)
        save_tensors(path, network.state_dict(), shape_of_detector(network))
        path.with_suffix(".checkpoint").unlink()
    return path
