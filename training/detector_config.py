"""The ``[detector]`` table of a training configuration."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DetectorConfig:
    """The keys of ``training/configs/*.toml`` below ``[detector]``; the comments there say what each means.

    A key that is added later needs a default that changes nothing: runs from before it are taken to have that
    (``training.config.completed``).
    """

    size: int
    stored_size: int
    epochs: int
    batch: int
    views: int
    healthy_views: int
    healthy: int
    learning_rate: float
    backbone_rate: float
    weight_decay: float
    ema: float
    box_weight: float
    picture_weight: float
    strongest_weight: float
    pool_weight: float
    altered: int = 200
    mirrored: bool = False
    end_to_end: bool = False
    consistency_weight: float = 0.0


RANGES: dict[str, tuple[float, float]] = {
    "size": (64, 1024),
    "stored_size": (64, 1024),
    "epochs": (1, 1000),
    "batch": (2, 1024),
    "views": (1, 1000),
    "healthy_views": (1, 1000),
    "healthy": (1, 1_000_000),
    "learning_rate": (1e-9, 1),
    "backbone_rate": (0, 1),
    "weight_decay": (0, 10),
    "ema": (0, 0.9999),
    "box_weight": (0, 100),
    "picture_weight": (0, 100),
    "strongest_weight": (0, 100),
    "pool_weight": (0, 100),
    "altered": (0, 100_000),
    "consistency_weight": (0, 100),
}
