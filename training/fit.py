"""Trains every part of a run: the outer folds of each repeat, the shipped split, the network to release.

A part that is done has left its scores (``PART.npz``) and is not trained again; one under way leaves a
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

from classifier.network import FractureNetwork, joined, load_weights, shape_of
from training.augment import augment, mixed, recompressed
from training.config import Config
from training.course import Course, save_whole
from training.data import Dataset
from training.device import Device, normalised
from training.errors import TrainingError
from training.explain import explained
from training.learning import training_mode
from training.material import Material
from training.parts import FINAL, SHIPPED, Part, parts
from training.probes import fit_heads, look, scored

logger = logging.getLogger(__name__)


def fit(config: Config, material: Material, run: Path, progress: bool = True) -> None:
    """Writes ``PART.npz`` for each part and ``final.safetensors`` last."""
    device = Device.best(config.threads)
    remember(config, material, run)
    todo = [part for part in parts(config, material) if not (run / f"{part.name}.npz").exists()]
    for number, part in enumerate(todo, 1):
        logger.info("%s (%d of %d to train)", part.name, number, len(todo))
        _fit_part(config, material, part, run, device, progress)


def _fit_part(
    config: Config, material: Material, part: Part, run: Path, device: Device, progress: bool
) -> None:
    """Trains the members, fits the further heads, scores what was held out; the scores come last."""
    members = []
    for member in range(config.members):
        path = run / f"{part.name}-member-{member}.safetensors"
        if not path.exists():
            network = train(config, material.types, part.learn, path, member, device, progress)
            save_whole(network.state_dict(), path, shape_of(network))
            path.with_suffix(".checkpoint").unlink()
        members.append(load_weights(path))
    network = joined(members, config.frozen_blocks, config.mirrored).to(device.kind)
    network = network.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    scores = _scores(config, material, part, network, device)
    if part.name == FINAL:
        save_whole(network.state_dict(), run / f"{FINAL}.safetensors", shape_of(network))
    _save_scores(run / f"{part.name}.npz", scores)
    for path in run.glob(f"{part.name}-member-*.safetensors"):
        path.unlink()


def _scores(
    config: Config, material: Material, part: Part, network: FractureNetwork, device: Device
) -> dict[str, np.ndarray]:
    """Raw scores of everything that this part's network and heads have not learnt from."""
    held = np.flatnonzero(part.held)
    types = look(network, material.types, config.size, device)
    out = {
        **_identity("types", material.types, part.held),
        "types_logits": scored(network.head, types.pooled[held]),
    }
    if part.name != SHIPPED:  # it is for the ten types only
        bones = look(network, material.bones, config.size, device)
        foreign = look(network, material.foreign, config.size, device)
        fit_heads(network, material, part, (types, bones, foreign), config.probe_strength)
        out |= {
            "types_kinds": scored(network.kinds, types.texture[held]),
            **_identity("bones", material.bones, part.bones),
            "bones_fracture": scored(network.fracture, bones.pooled[part.bones])[:, 0],
            "bones_kinds": scored(network.kinds, bones.texture[part.bones]),
            **_identity("foreign", material.foreign, part.foreign),
            "foreign_kinds": scored(network.kinds, foreign.texture[part.foreign]),
        }
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


def _identity(name: str, dataset: Dataset, keep: np.ndarray) -> dict[str, np.ndarray]:
    """Which pictures the scores are of: ``training.scores.Scores`` says what each column is."""
    rows = [row for row, kept in zip(dataset.rows, keep, strict=True) if kept]
    return {
        f"{name}_ids": np.array([row.sha256[:16] for row in rows], "U16"),
        f"{name}_groups": np.array([row.group for row in rows], str),
        f"{name}_labels": np.array([row.label for row in rows], int),
        f"{name}_leaked": np.array([row.leaked for row in rows], bool),
        f"{name}_sizes": np.array([row.size for row in rows], int).reshape(-1, 2),
    }


def train(
    config: Config,
    dataset: Dataset,
    learn: np.ndarray,
    path: Path,
    member: int,
    device: Device,
    progress: bool,
) -> FractureNetwork:
    """A network trained on ``learn`` (N,) bool alone; its weights are the moving average of all steps.

    A checkpoint beside ``path`` is written after each epoch and, where it is there, gone on from.
    """
    checkpoint, rows = path.with_suffix(".checkpoint"), np.flatnonzero(learn)
    steps = -(-len(rows) // config.batch)
    course = Course.begin(config, config.epochs * steps, config.seed + 100 * member, device.kind)
    if checkpoint.exists():
        course.restore(checkpoint)
        logger.info("%s goes on after epoch %d", checkpoint.stem, course.epochs)
    weights = _balance(dataset.targets[rows]).to(device.kind)
    bar = tqdm(
        total=config.epochs * steps,
        initial=course.epochs * steps,
        desc=checkpoint.stem,
        unit="step",
        disable=not progress,
    )
    while course.epochs < config.epochs:
        training_mode(course.network, config.frozen_blocks)
        for images, targets in _batches(dataset, rows, config, course.generator, device):
            with device.mixed_precision():
                logits = course.network(images).logits
            loss = _loss(logits.float(), targets, weights, config.label_smoothing)
            course.step(loss)
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.2f}")
        course.epochs += 1
        course.save(checkpoint)
    bar.close()
    return course.averaged


def _loss(
    logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor, smoothing: float
) -> torch.Tensor:
    """Cross-entropy of (N, 10) shares, smoothed, a picture weighted by its classes' weights."""
    smooth = targets * (1 - smoothing) + smoothing / targets.shape[1]
    each = -(smooth * functional.log_softmax(logits, 1)).sum(1)
    weight = targets @ weights
    return (each * weight).sum() / weight.sum()


def _batches(
    dataset: Dataset,
    rows: np.ndarray,
    config: Config,
    generator: torch.Generator,
    device: Device,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    order = rows[torch.randperm(len(rows), generator=generator).numpy()]
    rng = np.random.default_rng(int(torch.randint(1 << 31, (1,), generator=generator)))
    shares = torch.from_numpy(dataset.targets)
    for start in range(0, len(order), config.batch):
        picked = order[start : start + config.batch]
        images = device.images(recompressed(dataset.pixels[picked], rng), config.size)
        images, targets = augment(images, generator), shares[picked].to(device.kind)
        if config.mixup:
            images, targets = mixed(images, targets, config.mixup, rng)
        yield normalised(images), targets


def _balance(targets: np.ndarray) -> torch.Tensor:
    """Class weights by the square root of rarity: full balance overfits the smallest classes."""
    counts = np.maximum(targets.sum(0), 1)
    weights = np.sqrt(counts.mean() / counts)
    return torch.tensor(weights / weights.mean(), dtype=torch.float32)


def remember(config: Config, material: Material, run: Path) -> None:
    """A run's folder belongs to one configuration and one material."""
    run.mkdir(parents=True, exist_ok=True)
    path = run / "run.json"
    now = {"config": config.as_dict(), "material": material.fingerprint}
    if path.exists() and json.loads(path.read_text()) != now:
        raise TrainingError(
            f"{run} was begun with another configuration or other data. Choose another --run."
        )
    path.write_text(json.dumps(now, indent=2))


def _save_scores(path: Path, scores: dict[str, np.ndarray]) -> None:
    beside = path.with_suffix(".part.npz")
    np.savez_compressed(beside, allow_pickle=False, **scores)
    beside.replace(path)
