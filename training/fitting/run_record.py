"""``run.json``: the recipe and the data that a run's folder belongs to."""

import json
from pathlib import Path
from typing import Any

from training.config import Config, changed, completed
from training.errors import TrainingError
from training.storage.atomic import write_file
from training.storage.files import RUN, read_run
from training.storage.locks import exclusive_lock


def refuse_another_recipe(config: Config, run: Path) -> None:
    """Raises TrainingError if the run was started with another recipe. A new run has none."""
    if not (run / RUN).is_file():
        return
    made = completed(Config, read_run(run)["config"])
    if made != config.as_dict():
        differing = changed(made, config.as_dict())
        raise TrainingError(
            f"{run} was started with another configuration: {', '.join(differing)} differs. "
            "Choose another --run."
        )


def record_run(config: Config, run: Path, data_fingerprint: dict[str, Any] | None = None) -> None:
    """Writes the recipe and the data before anything else is written into the run.

    ``data_fingerprint``: of the training data, ``material`` in the file. None if only the detector's pictures
    were read, whose fingerprint is in ``detector.json``; the next process that reads the training data adds
    it.
    Raises TrainingError if the run was started with another recipe or other data.
    """
    path = run / RUN
    # Of two processes that begin at once, the second reads what the first wrote.
    with exclusive_lock(run, path.stem):
        refuse_another_recipe(config, run)
        known = read_run(run)["material"] if path.is_file() else {}
        if known and data_fingerprint and known != data_fingerprint:
            raise TrainingError(f"{run} was started with other data. Choose another --run.")
        record = {"config": config.as_dict(), "material": data_fingerprint or known}
        write_file(path, json.dumps(record, indent=2))
