"""``detector.json``: the recipe, the backbone and the data that a run's detectors belong to."""

import json
from pathlib import Path
from typing import Any

from training.config import Config, changed, completed
from training.datasets.detector_pictures import Pictures
from training.detector_config import DetectorConfig
from training.errors import TrainingError
from training.networks.own_backbone import OwnBackbone
from training.storage.atomic import write_file
from training.storage.files import damaged, missing, read_json
from training.storage.locks import exclusive_lock

RUN = "detector.json"


def read_made(run: Path) -> dict[str, Any]:
    """``recipe``, ``seed``, ``folds``, ``material``, and ``backbone`` if it is the user's own.

    Raises TrainingError if no detector was begun in the run, or the file is damaged.
    """
    path = run / RUN
    if not path.is_file():
        raise missing(path)
    made = read_json(path)
    if not isinstance(made, dict) or not all(
        isinstance(made.get(name), dict) for name in ("recipe", "material")
    ):
        raise damaged(path)
    return {**made, "recipe": completed(DetectorConfig, made["recipe"])}


def refuse_another_detector(config: Config, run: Path) -> None:
    """Raises TrainingError if the run has no detectors, or they were trained with another recipe."""
    made, now = read_made(run), _recipe(config)
    if differing := changed({name: made.get(name) for name in now}, now):
        names = ", ".join(name.removeprefix("recipe.") for name in differing)
        raise TrainingError(
            f"The detectors of {run} were trained by another recipe: {names} differs. "
            "Choose another --run."
        )


def record_detectors(
    config: Config, run: Path, backbone: OwnBackbone | None, pictures: Pictures | None = None
) -> None:
    """Writes ``detector.json`` before anything is trained.

    Without ``pictures``, which take a while to read, it only compares what is known before them. Raises
    TrainingError where the run was started with another recipe, backbone or data.
    """
    now = _recipe(config)
    if backbone is not None:  # left out for ImageNet's weights, as in older runs
        now["backbone"] = backbone.as_dict()
    if pictures is not None:
        now["material"] = pictures.fingerprint
    path = run / RUN
    # Of two processes that begin at once, the second reads what the first wrote.
    with exclusive_lock(run, path.stem):
        if path.is_file():
            made = read_made(run)
            if pictures is None:
                made.pop("material")
            if made != now:
                raise TrainingError(
                    f"{run} was started with another recipe, backbone or data. Choose another --run."
                )
        if pictures is not None:
            write_file(path, json.dumps(now, indent=2))


def _recipe(config: Config) -> dict[str, Any]:
    return {"recipe": config.as_dict()["detector"], "seed": config.seed, "folds": config.folds}
