"""The kinds head separates bone radiographs from other kinds of pictures. It is one logistic regression.

It stands on the frozen blocks alone. One forward pass over each picture therefore serves every fold, and a
release may take the types' members from another run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import nn

from classifier.assessability import KINDS
from classifier.network import FractureNetwork
from training.config import Config
from training.datasets.dataset import Dataset, grouped_folds, picture_columns
from training.datasets.drawn_bones import drawn_bones
from training.datasets.joined_groups import joined_groups
from training.datasets.training_data import TrainingData, fingerprint_of, rows_hash
from training.fitting.kinds_record import (
    DRAWN,
    FILE,
    record_kinds,
    refuse_another_kinds,
    refuse_other_rows,
)
from training.fitting.linear_heads import BONE, fit_linear_head, linear_scores, texture_features
from training.fitting.run import ClassifierRun
from training.networks.pretrained import pretrained_network
from training.storage.atomic import save_arrays
from training.storage.files import read_arrays
from training.storage.locks import exclusive_lock

_BONES, _OTHERS = ("types", "bones", "films"), "foreign"  # names of the data sets in FILE


@dataclass(frozen=True)
class KindsHead:
    """``weight`` (K, D) and ``bias`` (K,) of a network's kinds head."""

    weight: np.ndarray
    bias: np.ndarray

    @classmethod
    def read(cls, run: Path) -> "KindsHead":
        found = read_arrays(run / FILE)
        return cls(found["weight"], found["bias"])

    def put_into(self, network: FractureNetwork) -> None:
        with torch.no_grad():
            network.kinds.weight.copy_(torch.from_numpy(self.weight))
            network.kinds.bias.copy_(torch.from_numpy(self.bias))


def ensure_kinds(
    config: Config,
    read: Callable[[], TrainingData],
    data: Path,
    run: Path,
    extra: Sequence[Path] = (),
) -> None:
    """Fits the head if the run has none yet.

    ``read`` reads the training data, which takes a minute; it is called only then. ``data``, ``extra``: the
    folders that it reads. Raises TrainingError if the run's head is of another recipe or of other data.
    """
    rows = rows_hash(data, config, extra)
    with exclusive_lock(run, Path(FILE).stem):  # one process fits the head, the others wait
        if not (run / FILE).exists():
            _fit_kinds(ClassifierRun.begin(config, read(), run), data, rows)
            return
        refuse_another_kinds(config, run)
        refuse_other_rows(run, rows)


def _fit_kinds(run: ClassifierRun, folder: Path, rows: str) -> None:
    """Writes ``kinds.npz`` and ``kinds.json``.

    The arrays are the raw scores of every picture, once for each repeat, by a head that was not trained on
    its group, and the weights of the head that was trained on all pictures. ``folder``: the collections.
    ``rows``: the hash of what lies there.
    """
    config = run.config
    drawn = drawn_bones(config.cache_size, config.seed)  # once: drawing them takes most of a minute
    textures, drawn_texture = _textures(run, drawn)
    scores = _cross_validated(run, folder, textures, drawn_texture)
    everything = {name: np.ones(len(texture), bool) for name, texture in textures.items()}
    head = _fitted(run, textures, everything, drawn_texture)
    data = {**run.data.fingerprint, DRAWN: fingerprint_of(drawn)}
    record_kinds(config, run.folder, data, rows)
    weights = {"weight": head.weight.detach().numpy(), "bias": head.bias.detach().numpy()}
    save_arrays(run.folder / FILE, {**scores, **weights})


def _datasets(data: TrainingData) -> dict[str, Dataset]:
    """The data sets that the head is trained on, by their names in ``kinds.npz``."""
    if data.films is None:
        raise ValueError("only a recipe with a detector has a kinds head of its own")
    return {
        "types": data.types,
        "bones": data.bones,
        "films": data.films,
        _OTHERS: data.non_radiographs,
    }


def _textures(run: ClassifierRun, drawn: Dataset) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The texture features (N, D) of each data set by its name, and of the drawn bones."""
    config, device = run.config, run.device
    network = pretrained_network(config.backbone, config.frozen_blocks).to(device.kind)
    network.mirrored = config.mirrored

    def texture_of(dataset: Dataset) -> np.ndarray:
        texture = texture_features(network, dataset, config.size, device)
        return _without_trained_blocks(network, texture, config.frozen_blocks)

    found = {name: texture_of(dataset) for name, dataset in _datasets(run.data).items()}
    return found, texture_of(drawn)


def _cross_validated(
    run: ClassifierRun, folder: Path, textures: dict[str, np.ndarray], drawn: np.ndarray
) -> dict[str, np.ndarray]:
    """``NAME_COLUMN`` → the column of all test pictures of all folds."""
    config = run.config
    datasets = _datasets(run.data)
    bones = [row for name in _BONES for row in datasets[name].rows]
    groups = np.array(joined_groups(bones, folder))
    columns: dict[str, list[np.ndarray]] = {}
    for repeat, fold in product(range(config.repeats), range(config.folds)):
        folds = _folds(run.data, groups, config, repeat)
        train = {name: folds[name] != fold for name in textures}
        head = _fitted(run, textures, train, drawn)
        for name, texture in textures.items():
            dataset = datasets[name]
            test = (folds[name] == fold) & dataset.usable
            own = {
                **picture_columns(dataset, test),
                "repeats": np.full(test.sum(), repeat),
                "folds": np.full(test.sum(), fold),
                "kinds": linear_scores(head, texture[test]),
            }
            for key, values in own.items():
                columns.setdefault(f"{name}_{key}", []).append(values)
    return {key: np.concatenate(values) for key, values in columns.items()}


def _without_trained_blocks(
    network: FractureNetwork, texture: np.ndarray, frozen_blocks: int
) -> np.ndarray:
    """(N, D) with 0 for the features of blocks that are trained: they would differ in each release."""
    texture, start = texture.copy(), 0
    for index, width in zip(network.tapped, network.tapped_widths, strict=True):
        if index >= frozen_blocks:
            texture[:, start : start + 2 * width] = 0
        start += 2 * width
    return texture


def _folds(
    data: TrainingData, groups: np.ndarray, config: Config, repeat: int
) -> dict[str, np.ndarray]:
    """The fold of each picture, by data set.

    ``groups``: of the pictures of all bones in a row; no group lies in two folds. Non-radiographs are split
    by themselves, see ``training.fitting.splits``.
    """
    seed = config.seed + repeat
    datasets = _datasets(data)
    sizes = [len(datasets[name]) for name in _BONES]
    dataset_of = np.repeat(np.arange(len(_BONES)), sizes)
    fold_of = grouped_folds(dataset_of, groups, config.folds, seed)
    folds = {name: fold_of[dataset_of == index] for index, name in enumerate(_BONES)}
    others = datasets[_OTHERS]
    folds[_OTHERS] = grouped_folds(others.labels, others.groups, config.folds, seed)
    return folds


def _fitted(
    run: ClassifierRun,
    textures: dict[str, np.ndarray],
    train: dict[str, np.ndarray],
    drawn: np.ndarray,
) -> nn.Linear:
    """A head fitted on the pictures of the masks ``train`` and on the ``drawn`` bones (n, D).

    Every head is trained on the drawn bones; no head is measured on them.
    """
    datasets = _datasets(run.data)
    inputs, labels = [], []
    for name, texture in textures.items():
        dataset = datasets[name]
        keep = train[name] & dataset.trainable
        inputs.append(texture[keep])
        labels.append(dataset.labels[keep] if name == _OTHERS else np.full(keep.sum(), BONE))
    x = np.concatenate([*inputs, drawn])
    y = np.concatenate([*labels, np.full(len(drawn), BONE)])
    head = nn.Linear(x.shape[1], len(KINDS))
    fit_linear_head(head, x, y, run.config.kinds_probe_strength)
    return head
