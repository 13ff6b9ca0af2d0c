"""A training configuration: one TOML file, read strictly."""

import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from classifier.network import BACKBONES
from training.errors import TrainingError


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
    batch: int
    learning_rate: float
    backbone_rate: float
    weight_decay: float
    label_smoothing: float
    ema: float
    threads: int
    mixup: float = 0.0
    label_sets: bool = False
    fracture_epochs: int = 0
    fracture_rate: float = 0.001
    probe_strength: float = 0.03
    types_probe_strength: float = 0.003
    foreign_each: int = 12
    pretrained: bool = True

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises TrainingError on a missing file, broken TOML, or a key that isn't known."""
        try:
            values = tomllib.loads(path.read_text())
        except OSError:
            raise TrainingError(f"There is no configuration at {path}.") from None
        except tomllib.TOMLDecodeError as error:
            raise TrainingError(f"{path} is no TOML: {error}.") from None
        try:
            config = cls(**values)
        except TypeError as error:
            raise TrainingError(f"{path}: {error}.") from None
        if config.backbone not in BACKBONES:
            raise TrainingError(f"{path}: backbone must be one of {', '.join(BACKBONES)}.")
        return config

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
