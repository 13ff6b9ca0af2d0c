"""A training configuration: one TOML file, read strictly."""

import re
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from classifier.network import BACKBONES
from training.errors import TrainingError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Names and versions: a release's folder is named by both."""
_RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 1 << 31),
    "repeats": (1, 100),
    "folds": (2, 20),
    "members": (1, 8),
    "size": (32, 1024),
    "cache_size": (32, 1024),
    "frozen_blocks": (0, 15),
    "epochs": (1, 1000),
    "views": (1, 1000),
    "batch": (2, 1024),
    "learning_rate": (1e-9, 1),
    "backbone_rate": (0, 1),
    "weight_decay": (0, 10),
    "label_smoothing": (0, 0.9),
    "ema": (0, 0.9999),
    "threads": (1, 256),
    "mixup": (0, 10),
    "cutmix": (0, 10),
    "fracture_epochs": (0, 1000),
    "fracture_rate": (1e-9, 1),
    "probe_strength": (1e-9, 1e9),
    "kinds_probe_strength": (1e-9, 1e9),
    "foreign_each": (1, 1000),
}


@dataclass(frozen=True)
class Config:
    """What ``training/configs/*.toml`` says; its comments tell what each means."""

    name: str
    version: str
    seed: int
    repeats: int
    folds: int
    backbone: str
    members: int
    mirrored: bool
    size: int
    cache_size: int
    frozen_blocks: int
    epochs: int
    views: int
    batch: int
    learning_rate: float
    backbone_rate: float
    weight_decay: float
    label_smoothing: float
    ema: float
    threads: int
    mixup: float = 0.0
    cutmix: float = 0.0
    label_sets: bool = False
    fracture_epochs: int = 0
    fracture_rate: float = 0.001
    probe_strength: float = 0.03
    kinds_probe_strength: float = 0.3
    foreign_each: int = 12

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises TrainingError on a missing file, broken TOML, or a key that isn't known."""
        try:
            values = tomllib.loads(path.read_text())
        except OSError:
            raise TrainingError(f"There is no configuration at {path}.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TrainingError(f"{path} is no TOML: {error}.") from None
        if unknown := values.keys() - {each.name for each in fields(cls)}:
            raise TrainingError(f"{path} has unknown keys: {', '.join(sorted(unknown))}.")
        try:
            config = cls(**values)
        except TypeError as error:
            missing = str(error).partition(
                "arguments: " if "arguments" in str(error) else "argument: "
            )
            raise TrainingError(f"{path} lacks {missing[2]}.") from None
        config._check(path)
        return config

    def with_seed(self, seed: int) -> Self:
        """Raises TrainingError where it is out of range."""
        found = replace(self, seed=seed)
        found._check(Path("--seed"))
        return found

    def _check(self, path: Path) -> None:
        """Raises TrainingError on a value of another type, or out of range."""
        for each in fields(self):
            value, wanted = getattr(self, each.name), each.type
            if wanted is float and type(value) is int:
                continue
            if type(value) is not wanted:
                kind = getattr(wanted, "__name__", wanted)
                raise TrainingError(f"{path}: {each.name} is {value!r} and must be of type {kind}.")
        for name in ("name", "version"):
            if not NAME.fullmatch(getattr(self, name)):
                raise TrainingError(
                    f"{path}: {name} is {getattr(self, name)!r} and must be of letters, digits, dots and "
                    "hyphens, since it names the release's folder."
                )
        if self.backbone not in BACKBONES:
            raise TrainingError(f"{path}: backbone must be one of {', '.join(BACKBONES)}.")
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise TrainingError(
                    f"{path}: {name} is {getattr(self, name)} and must lie between {low} and {high}."
                )
        if self.cache_size < self.size:
            raise TrainingError(
                f"{path}: cache_size is {self.cache_size} and must be at least size, {self.size}."
            )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
