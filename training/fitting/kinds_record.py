"""``kinds.json``: the recipe and the data that a run's kinds head belongs to."""

import json
import logging
from pathlib import Path
from typing import Any

from training.config import Config
from training.datasets.drawn_bones import EACH
from training.datasets.training_data import TrainingData
from training.errors import TrainingError
from training.storage.atomic import write_file
from training.storage.files import read_json

FILE = KINDS_FILE = "kinds.npz"  # the scores
MATERIAL = "kinds.json"  # the data and the recipe that they come from
_RECIPE, _ROWS = "recipe", "rows"  # keys of MATERIAL beside the data sets
DRAWN = "drawn"  # the key of the drawn bones
# The settings of a recipe that the scores depend on.
_SETTINGS = (
    *("backbone", "mirrored", "frozen_blocks", "size", "cache_size"),
    *("seed", "repeats", "folds", "label_sets", "foreign_each", "kinds_probe_strength"),
)
logger = logging.getLogger(__name__)


def kinds_training_data(run: Path) -> dict[str, Any]:
    """The fingerprint of the data that the head was trained on."""
    recorded = read_json(run / MATERIAL)
    return {name: part for name, part in recorded.items() if name not in (_RECIPE, _ROWS)}


def record_kinds(config: Config, run: Path, data: dict[str, Any], rows: str) -> None:
    """``data``: the fingerprints of the data sets. ``rows``: the hash of ``rows_hash``."""
    record = {**data, _RECIPE: _recipe(config), _ROWS: rows}
    write_file(run / MATERIAL, json.dumps(record, indent=2))


def refuse_other_rows(run: Path, rows: str) -> None:
    """Raises TrainingError if pictures or manifests have changed since the head was fitted."""
    # Older runs have no such hash; ``refuse_other_data`` compares them when the pictures are read.
    if read_json(run / MATERIAL).get(_ROWS, rows) != rows:
        raise _other_data(run)


def refuse_other_data(data: TrainingData, run: Path) -> None:
    """Raises TrainingError if the run has a kinds head that was fitted on other pictures."""
    if not (run / MATERIAL).is_file():
        return
    recorded = {name: part for name, part in kinds_training_data(run).items() if name != DRAWN}
    if recorded != data.fingerprint:
        raise _other_data(run)


def _other_data(run: Path) -> TrainingError:
    return TrainingError(
        f"The kinds head of {run} was fitted on other data than is there now. Name the same --extra folders, "
        "if it was on more, or choose another --run."
    )


def refuse_another_kinds(config: Config, run: Path) -> None:
    """Raises TrainingError if the run's kinds head was fitted with another recipe."""
    path = run / MATERIAL
    made = read_json(path).get(_RECIPE) if path.exists() else None
    if made is None:  # an older run, which has no recipe in this file
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
