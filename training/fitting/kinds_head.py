"""The kinds head: what is no bone radiograph. One regression on what the frozen trunk makes of textures.

It stands on blocks that never learn, so that one look at each picture serves every fold, and a release may
take the types' members from another run.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from classifier.assessability import KINDS
from classifier.network import FractureNetwork
from training.config import Config
from training.datasets.dataset import Dataset, grouped_folds, identity
from training.datasets.drawn_bones import EACH, drawn_bones
from training.datasets.joined_groups import joined_groups
from training.datasets.material import Material, fingerprint_of, rows_hash
from training.errors import TrainingError
from training.fitting.linear_heads import BONE, fit_probe, scored, texture_of
from training.networks.device import Device
from training.networks.pretrained import pretrained_network
from training.storage.atomic import save_arrays, write_file
from training.storage.files import read_arrays, read_json
from training.storage.locks import exclusive_lock

FILE = KINDS_FILE = "kinds.npz"  # the scores
MATERIAL = "kinds.json"  # what they are of
_RECIPE, _ROWS = "recipe", "rows"  # in MATERIAL, beside the parts of the material
DRAWN = "drawn"  # the part of it that Callus draws: bones
_BONES = ("types", "bones", "films")
# What of a recipe the scores depend on.
_SETTINGS = (
    *("backbone", "mirrored", "frozen_blocks", "size", "cache_size"),
    *("seed", "repeats", "folds", "label_sets", "foreign_each", "kinds_probe_strength"),
)
logger = logging.getLogger(__name__)


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


def kinds_material(run: Path) -> dict[str, Any]:
    """The fingerprint of what the head has learnt from."""
    told = read_json(run / MATERIAL)
    return {name: part for name, part in told.items() if name not in (_RECIPE, _ROWS)}


def ensure_kinds(
    config: Config, read: Callable[[], Material], data: Path, run: Path, extra: Sequence[Path] = ()
) -> None:
    """Fits the head where the run has none yet. ``read``: the material, which is read only then.
    ``data``, ``extra``: the folders that it is read from.

    Raises TrainingError where the run's head is of another recipe or of other data.
    """
    rows = rows_hash(data, config, extra)
    with exclusive_lock(run, Path(FILE).stem):  # one process fits it, the others wait for it
        if not (run / FILE).exists():
            _fit_kinds(config, read(), data, run, rows)
            return
        refuse_another_kinds(config, run)
        # A head of before this was told is compared when the pictures are read (``refuse_other_material``).
        if read_json(run / MATERIAL).get(_ROWS, rows) != rows:
            raise _other_data(run)


def refuse_other_material(material: Material, run: Path) -> None:
    """Raises TrainingError where the run's kinds head, if it has one yet, was fitted on other pictures."""
    if not (run / MATERIAL).is_file():
        return
    told = {name: part for name, part in kinds_material(run).items() if name != DRAWN}
    if told != material.fingerprint:
        raise _other_data(run)


def _other_data(run: Path) -> TrainingError:
    return TrainingError(
        f"The kinds head of {run} was fitted on other data than is there now. Name the same --extra folders, "
        "if it was on more, or choose another --run."
    )


def refuse_another_kinds(config: Config, run: Path) -> None:
    """Raises TrainingError where the run's kinds head was fitted by another recipe than this."""
    path = run / MATERIAL
    made = read_json(path).get(_RECIPE) if path.exists() else None
    if made is None:  # as fit wrote it before it knew of recipes here
        logger.warning(
            "%s doesn't say by which recipe it was made. It is taken for this one.", path
        )
    elif changed := [
        name for name, setting in _recipe(config).items() if made.get(name) != setting
    ]:
        raise TrainingError(
            f"The kinds head of {run} was fitted with another recipe: {', '.join(changed)} differs. "
            "Choose another --run."
        )


def _recipe(config: Config) -> dict[str, Any]:
    every = config.as_dict()
    return {name: every[name] for name in _SETTINGS} | {"drawn_bones": EACH}


def _fit_kinds(config: Config, material: Material, data: Path, run: Path, rows: str) -> None:
    """Writes ``kinds.npz``: the raw scores of every picture by a head that has learnt from none of its group,
    once a repeat, and the head that has learnt from all. ``data``: the folder of the collections; ``rows``:
    the hash of what lies there.
    """
    device = Device.best(config.threads)
    datasets = {name: getattr(material, name) for name in (*_BONES, "foreign")}
    drawn = drawn_bones(config.cache_size, config.seed)
    network = pretrained_network(config.backbone, config.frozen_blocks).to(device.kind)
    network.mirrored = config.mirrored
    seen = {
        name: _frozen(network, texture_of(network, dataset, config.size, device), config)
        for name, dataset in datasets.items()
    }
    more = _frozen(network, texture_of(network, drawn, config.size, device), config)
    bones = [row for name in _BONES for row in datasets[name].rows]
    groups = np.array(joined_groups(bones, data))
    out: dict[str, list[np.ndarray]] = {}
    for repeat in range(config.repeats):
        folds = _folds(datasets, groups, config, repeat)
        for fold in range(config.folds):
            learn = {name: folds[name] != fold for name in seen}
            head = _fitted(datasets, seen, learn, more, config)
            for name, dataset in datasets.items():
                held = (folds[name] == fold) & dataset.usable
                columns = {
                    **identity(dataset, held),
                    "repeats": np.full(held.sum(), repeat),
                    "folds": np.full(held.sum(), fold),
                    "kinds": scored(head, seen[name][held]),
                }
                for key, values in columns.items():
                    out.setdefault(f"{name}_{key}", []).append(values)
    every = {name: np.ones(len(texture), bool) for name, texture in seen.items()}
    head = _fitted(datasets, seen, every, more, config)
    told = {**material.fingerprint, DRAWN: fingerprint_of(drawn)}
    told |= {_RECIPE: _recipe(config), _ROWS: rows}
    write_file(run / MATERIAL, json.dumps(told, indent=2))
    save_arrays(
        run / FILE,
        {
            **{key: np.concatenate(values) for key, values in out.items()},
            "weight": head.weight.detach().numpy(),
            "bias": head.bias.detach().numpy(),
        },
    )


def _frozen(network: FractureNetwork, texture: np.ndarray, config: Config) -> np.ndarray:
    """What stands on blocks that learn is 0: it would differ in each release."""
    parts, start = texture.copy(), 0
    for index, width in zip(network.tapped, network.tapped_widths, strict=True):
        if index >= config.frozen_blocks:
            parts[:, start : start + 2 * width] = 0
        start += 2 * width
    return parts


def _folds(
    datasets: dict[str, Dataset], groups: np.ndarray, config: Config, repeat: int
) -> dict[str, np.ndarray]:
    """Of each data set's pictures. ``groups``: of all bones in a row; none lies in two folds. Foreign
    pictures are split by themselves, see ``training.fitting.splits``.
    """
    seed = config.seed + repeat
    which = np.repeat(np.arange(len(_BONES)), [len(datasets[name]) for name in _BONES])
    together = grouped_folds(which, groups, config.folds, seed)
    found = {name: together[which == index] for index, name in enumerate(_BONES)}
    foreign = datasets["foreign"]
    found["foreign"] = grouped_folds(foreign.labels, foreign.groups, config.folds, seed)
    return found


def _fitted(
    datasets: dict[str, Dataset],
    seen: dict[str, np.ndarray],
    learn: dict[str, np.ndarray],
    drawn: np.ndarray,
    config: Config,
) -> nn.Linear:
    """``drawn`` (n, D): of bones that every head learns from and none is measured on."""
    keep = {name: learn[name] & datasets[name].teaches for name in seen}
    x = np.concatenate([*(seen[name][keep[name]] for name in seen), drawn])
    labels = np.concatenate(
        [
            datasets[name].labels[keep[name]]
            if name == "foreign"
            else np.full(keep[name].sum(), BONE)
            for name in seen
        ]
        + [np.full(len(drawn), BONE)]
    )
    head = nn.Linear(x.shape[1], len(KINDS))
    fit_probe(head, x, labels, config.kinds_probe_strength)
    return head
