"""All that a run learns from and is measured on, read from the data folder."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.labels import CLASSES
from training.bones import STATES, read_bones
from training.config import Config
from training.data import Dataset, load
from training.errors import TrainingError
from training.foreign import foreign_dataset, found_foreign
from training.fractures import read_rows
from training.twins_across import in_common_groups

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Material:
    """``types``: fractures of the ten types. ``bones``: with and without a fracture. ``foreign``: no
    bone radiographs. ``outside``: bones that nothing is ever trained, pretrained or tuned on.
    """

    types: Dataset
    bones: Dataset
    foreign: Dataset
    outside: Dataset | None

    @property
    def fingerprint(self) -> dict[str, Any]:
        """How many pictures in how many groups, and of what hash, each part holds."""
        parts = {"types": self.types, "bones": self.bones, "foreign": self.foreign}
        if self.outside is not None:
            parts["outside"] = self.outside
        return {
            name: {
                "pictures": len(part),
                "groups": len(np.unique(part.groups)),
                "sha256": part.sha256,
            }
            for name, part in parts.items()
        }


def read_material(folder: Path, config: Config, extra: list[Path], progress: bool) -> Material:
    """Reads ``bone-break``, ``multi-region``, ``fracatlas`` and ``dicom`` below ``folder``.

    ``extra``: folders of the same layout that may hold less, such as ``export_reviews`` writes.
    Raises TrainingError with the path of what is missing.
    """
    size, warn = config.cache_size, logger.warning
    rows, bones = (
        read_rows(folder / "bone-break", config.label_sets),
        read_bones(folder / "multi-region"),
    )
    for each in extra:
        if not (each / "bone-break").is_dir() and not (each / "multi-region").is_dir():
            raise TrainingError(f"{each} holds neither bone-break nor multi-region.")
        if (each / "bone-break").is_dir():
            rows += read_rows(each / "bone-break", config.label_sets, whole=False)
        if (each / "multi-region").is_dir():
            bones += read_bones(each / "multi-region", whole=False)
    types = load(rows, CLASSES, size, warn, progress)
    states = load(bones, STATES, size, warn, progress)
    outside = None
    if (folder / "fracatlas").is_dir():
        outside = load(
            read_bones(folder / "fracatlas", grouped=False), STATES, size, warn, progress
        )
    types, states = in_common_groups(types, states)
    foreign = foreign_dataset(
        [folder / "dicom", folder / "foreign"],
        [found_foreign(types), found_foreign(states)],
        size,
        config.foreign_each,
        config.seed,
    )
    return Material(types, states, foreign, outside)
