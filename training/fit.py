"""Trains the outer folds and then the network that is released, by one recipe.

A finished fold is kept in the run's folder and is not trained again, and a fold under way leaves a
checkpoint an epoch: a killed run goes on with the epoch that it was in.
"""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from classifier.network import FractureNetwork
from classifier.preprocess import Preprocessing
from training.augment import augment
from training.config import Config
from training.course import Course, save_whole
from training.data import Dataset, grouped_folds
from training.errors import TrainingError
from training.learning import training_mode

logger = logging.getLogger(__name__)
FINAL = "final"


def fit(config: Config, dataset: Dataset, run: Path, progress: bool = True) -> None:
    """Writes ``fold-K.safetensors`` and ``fold-K.npz`` for each fold, then ``final.safetensors``."""
    torch.set_num_threads(config.threads)
    _remember(config, dataset, run)
    fold_of = grouped_folds(dataset.labels, dataset.groups, config.folds, config.seed)
    for fold in range(config.folds):
        if not (run / f"fold-{fold}.npz").exists():
            _fit_fold(config, dataset, fold_of == fold, run / f"fold-{fold}", progress)
    final = run / f"{FINAL}.safetensors"
    if not final.exists():
        checkpoint = run / f"{FINAL}.checkpoint"
        network = train(config, dataset, np.arange(len(dataset.rows)), checkpoint, progress)
        save_whole(network.state_dict(), final)
        checkpoint.unlink()


def _fit_fold(
    config: Config, dataset: Dataset, held_out: np.ndarray, stem: Path, progress: bool
) -> None:
    """Trains on all but ``held_out`` (N,) bool; its scores, written last, say that it is done."""
    checkpoint = stem.with_suffix(".checkpoint")
    network = train(config, dataset, np.flatnonzero(~held_out), checkpoint, progress)
    rows = np.flatnonzero(held_out)
    logits = predict(network, dataset, rows, config)
    accuracy = (logits.argmax(1) == dataset.labels[rows]).mean()
    logger.info("%s: %d held out, accuracy %.1f %%", stem.name, len(rows), 100 * accuracy)
    save_whole(network.state_dict(), stem.with_suffix(".safetensors"))
    _save_scores(stem.with_suffix(".npz"), rows, logits)
    checkpoint.unlink()


def train(
    config: Config, dataset: Dataset, rows: np.ndarray, checkpoint: Path, progress: bool
) -> FractureNetwork:
    """A network trained on ``rows`` alone; its weights are the moving average of all steps.

    ``checkpoint`` is written after each epoch and, where it is there already, gone on from.
    """
    steps = -(-len(rows) // config.batch)
    course = Course.begin(config, config.epochs * steps)
    if checkpoint.exists():
        course.restore(checkpoint)
        logger.info("%s goes on after epoch %d", checkpoint.stem, course.epochs)
    loss_of = torch.nn.CrossEntropyLoss(
        weight=_balance(dataset.labels[rows]), label_smoothing=config.label_smoothing
    )
    bar = tqdm(
        total=config.epochs * steps,
        initial=course.epochs * steps,
        desc=checkpoint.stem,
        unit="step",
        disable=not progress,
    )
    while course.epochs < config.epochs:
        training_mode(course.network, config.frozen_blocks)
        for images, labels in _batches(dataset, rows, config, course.generator):
            loss = loss_of(course.network(images)[0], labels)
            course.step(loss)
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.2f}")
        course.epochs += 1
        course.save(checkpoint)
    bar.close()
    return course.averaged


@torch.inference_mode()
def predict(
    network: FractureNetwork, dataset: Dataset, rows: np.ndarray, config: Config
) -> np.ndarray:
    """(len(rows), 10) logits, one look at each picture, as it will be served."""
    network.eval()
    parts = [
        network(normalised(_tensor(dataset, rows[start : start + 64], config.size), config.size))[0]
        for start in range(0, len(rows), 64)
    ]
    return torch.cat(parts).numpy()


def normalised(images: torch.Tensor, size: int) -> torch.Tensor:
    """(N, 1, S, S) of 0..1 → (N, 3, S, S) as ``classifier.preprocess`` gives it."""
    spec = Preprocessing(size=size)
    return ((images - spec.mean) / spec.std).expand(-1, 3, -1, -1)


def _tensor(dataset: Dataset, rows: np.ndarray, size: int) -> torch.Tensor:
    images = torch.from_numpy(dataset.pixels[rows]).float().div(255)[:, None]
    if images.shape[-1] != size:
        images = functional.interpolate(images, size, mode="bilinear", antialias=True)
    return images


def _batches(
    dataset: Dataset, rows: np.ndarray, config: Config, generator: torch.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    order = rows[torch.randperm(len(rows), generator=generator).numpy()]
    labels = torch.from_numpy(dataset.labels)
    for start in range(0, len(order), config.batch):
        picked = order[start : start + config.batch]
        images = augment(_tensor(dataset, picked, config.size), generator)
        yield normalised(images, config.size), labels[picked]


def _balance(labels: np.ndarray) -> torch.Tensor:
    """Class weights by the square root of rarity: full balance overfits the smallest classes."""
    counts = np.maximum(np.bincount(labels, minlength=10), 1)
    weights = np.sqrt(counts.mean() / counts)
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)


def _remember(config: Config, dataset: Dataset, run: Path) -> None:
    """A run's folder belongs to one configuration and one data set."""
    run.mkdir(parents=True, exist_ok=True)
    path = run / "run.json"
    now = {"config": config.as_dict(), "data_sha256": dataset.sha256, "pictures": len(dataset.rows)}
    if path.exists() and json.loads(path.read_text()) != now:
        raise TrainingError(
            f"{run} was begun with another configuration or other data. Choose another --run."
        )
    path.write_text(json.dumps(now, indent=2))


def _save_scores(path: Path, rows: np.ndarray, logits: np.ndarray) -> None:
    beside = path.with_suffix(".part.npz")
    np.savez(beside, rows=rows, logits=logits)
    beside.replace(path)
