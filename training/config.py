"""A training configuration: one TOML file, read strictly."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from classifier.network import BACKBONES
from training.detector_config import RANGES as DETECTOR_RANGES
from training.detector_config import DetectorConfig
from training.errors import TrainingError

Made = TypeVar("Made")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Allowed names and versions: both are part of the name of a release's folder."""
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
    """The keys of ``training/configs/*.toml``; the comments there say what each means."""

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
    detector: DetectorConfig | None = None

    def __post_init__(self) -> None:
        """Raises TrainingError if the recipe has a detector and also a member for fracture or none."""
        if self.detector is not None and self.fracture_epochs:
            raise TrainingError(
                "A recipe with a [detector] trains no member for fracture or none. "
                "Delete fracture_epochs, or [detector]."
            )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises TrainingError on a missing file, broken TOML, or a key that isn't known."""
        try:
            values = tomllib.loads(path.read_text())
        except OSError:
            raise TrainingError(f"There is no configuration at {path}.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TrainingError(f"{path} is no TOML: {error}.") from None
        if isinstance(table := values.get("detector"), dict):
            values["detector"] = _made(DetectorConfig, table, f"{path}, [detector]")
        config = _made(cls, values, str(path))
        config._check(path)
        return config

    def with_seed(self, seed: int) -> Self:
        """Raises TrainingError if it is out of range."""
        found = replace(self, seed=seed)
        found._check(Path("--seed"))
        return found

    def _check(self, path: Path) -> None:
        """Raises TrainingError on a value of another type, or out of range."""
        _check_values(self, _RANGES, str(path))
        if self.detector is not None:
            self._check_detector(path, self.detector)
        for name in ("name", "version"):
            if not NAME.fullmatch(getattr(self, name)):
                raise TrainingError(
                    f"{path}: {name} is {getattr(self, name)!r} and must be of letters, digits, dots and "
                    "hyphens, since it names the release's folder."
                )
        if self.backbone not in BACKBONES:
            raise TrainingError(f"{path}: backbone must be one of {', '.join(BACKBONES)}.")
        if self.cache_size < self.size:
            raise TrainingError(
                f"{path}: cache_size is {self.cache_size} and must be at least size, {self.size}."
            )

    @staticmethod
    def _check_detector(path: Path, recipe: DetectorConfig) -> None:
        _check_values(recipe, DETECTOR_RANGES, f"{path}, [detector]")
        if recipe.size % 32:
            raise TrainingError(
                f"{path}, [detector]: size is {recipe.size} and must be a multiple of 32."
            )
        if recipe.stored_size < recipe.size:
            raise TrainingError(
                f"{path}, [detector]: stored_size is {recipe.stored_size} and must be at least size, "
                f"{recipe.size}."
            )

        if recipe.consistency_weight and not recipe.end_to_end:
            raise TrainingError(
                f"{path}, [detector]: consistency_weight needs end_to_end, since stored views are few."
            )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def completed(kind: type[Config] | type[DetectorConfig], stored: dict[str, Any]) -> dict[str, Any]:
    """A stored recipe with the keys that were added since then: each gets its default, which changes
    nothing.
    """
    defaults = {key.name: key.default for key in fields(kind) if key.default is not MISSING}
    found = {**defaults, **stored}
    if isinstance(found.get("detector"), dict):
        found["detector"] = completed(DetectorConfig, found["detector"])
    return found


def changed(made: dict[str, Any], now: dict[str, Any], within: str = "") -> list[str]:
    """The names of the settings in which two recipes differ, such as "epochs" or "detector.size"."""
    found = []
    for name in {**now, **made}:
        before, after = made.get(name, MISSING), now.get(name, MISSING)
        if isinstance(before, dict) and isinstance(after, dict):
            found += changed(before, after, f"{within}{name}.")
        elif before != after:
            found.append(f"{within}{name}")
    return found


def _made(kind: Callable[..., Made], values: dict[str, Any], where: str) -> Made:
    """A dataclass of ``values``. Raises TrainingError if a key is unknown or missing."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := values.keys() - known:
        raise TrainingError(f"{where} has unknown keys: {', '.join(sorted(unknown))}.")
    try:
        return kind(**values)
    except TypeError as error:
        missing = str(error).partition("arguments: " if "arguments" in str(error) else "argument: ")
        raise TrainingError(f"{where} lacks {missing[2]}.") from None


def _check_values(
    made: Config | DetectorConfig, ranges: dict[str, tuple[float, float]], where: str
) -> None:
    """Raises TrainingError if a value has another type or is out of range."""
    for field in fields(made):
        value, wanted = getattr(made, field.name), field.type
        if wanted is float and type(value) is int:
            continue
        if isinstance(wanted, type) and type(value) is not wanted:
            raise TrainingError(
                f"{where}: {field.name} is {value!r} and must be of type {wanted.__name__}."
            )
        if not isinstance(wanted, type) and not isinstance(value, wanted):  # type: ignore[arg-type]
            raise TrainingError(f"{where}: {field.name} is {value!r} and must be a table.")
    for name, (low, high) in ranges.items():
        if not low <= getattr(made, name) <= high:
            raise TrainingError(
                f"{where}: {name} is {getattr(made, name)} and must lie between {low} and {high}."
            )
