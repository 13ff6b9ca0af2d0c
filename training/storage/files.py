"""Reads the files of a run. A damaged one is reported in one sentence that says what to do."""

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from safetensors import SafetensorError

from classifier.detector import DetectorNetwork, load_detector
from classifier.network import FractureNetwork, load_weights
from training.errors import TrainingError

RUN = "run.json"  # says which recipe and data a run belongs to


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Raises TrainingError if the file isn't there or is damaged."""
    if not path.is_file():
        raise missing(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            return dict(held)
    except (OSError, ValueError, EOFError, BadZipFile):
        raise damaged(path) from None


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except ValueError:
        raise damaged(path) from None


def read_run(run: Path) -> dict[str, Any]:
    """``config`` and ``material`` (the fingerprint of the data) of a run.

    Raises TrainingError if the run isn't there or is damaged.
    """
    path = run / RUN
    if not path.is_file():
        raise TrainingError(f"{run} holds no run. Make one with: python -m training fit")
    made = read_json(path)
    is_record = isinstance(made, dict) and all(
        isinstance(made.get(name), dict) for name in ("config", "material")
    )
    if not is_record or not {"seed", "repeats", "folds"} <= made["config"].keys():
        raise TrainingError(f"{path} is damaged: it doesn't say what the run was started with.")
    return made


def read_network(path: Path) -> FractureNetwork:
    """Raises TrainingError if the file isn't there or is damaged."""
    if not path.is_file():
        raise missing(path)
    try:
        return load_weights(path)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError):
        raise damaged(path) from None


def read_detector(path: Path) -> DetectorNetwork:
    """Raises TrainingError if the file isn't there or is damaged."""
    if not path.is_file():
        raise missing(path)
    try:
        return load_detector(path).eval()
    except (SafetensorError, ValueError, KeyError, RuntimeError):
        raise damaged(path) from None


def missing(path: Path) -> TrainingError:
    return TrainingError(f"{path} is not there: the run is unfinished. Run fit again to continue.")


def damaged(path: Path) -> TrainingError:
    return TrainingError(f"{path} is damaged. Delete it, and run fit again to create it.")
