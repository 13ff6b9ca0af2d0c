"""``python -m training evaluate``: the figures of a run or a release, as JSON."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from training.commands.options import add_run_command, run_folder
from training.config import Config


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "print the figures of a run or a release as JSON, with intervals"
    command = add_run_command(commands, "evaluate", evaluate, text)
    command.add_argument(
        "--scores",
        type=Path,
        metavar="DIR",
        help="recompute the figures from the scores_*.csv of the release in DIR",
    )


def evaluate(options: argparse.Namespace, config: Config) -> None:
    from training.evaluation.evaluate import evaluate as figures
    from training.evaluation.scores import RunScores

    folder: Path | None = options.scores
    scores = RunScores.read(folder) if folder else RunScores.of_run(run_folder(options))
    # The intervals are drawn with the seed that the run or the release was made with.
    seed = config.seed
    if options.seed is None:
        seed = _stored_config(folder, run_folder(options)).get("seed", seed)
    print(json.dumps(figures(scores, seed, progress=sys.stderr.isatty()), indent=2))


def _stored_config(release: Path | None, run: Path) -> dict[str, Any]:
    from training.storage.files import read_json, read_run

    if release is None:
        config: dict[str, Any] = read_run(run)["config"]
        return config
    if not (release / "manifest.json").exists():
        return {}
    return read_json(release / "manifest.json").get("config") or {}
