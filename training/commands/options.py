"""Where runs and recipes lie, and the options that several commands share."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from training.config import Config

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "training" / "configs" / "lite0.toml"
DATA = Path(os.environ.get("CALLUS_DATA", ROOT.parent / "shared" / "data"))


def add_run_command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    do: Callable[[argparse.Namespace, Config], None],
    text: str,
) -> argparse.ArgumentParser:
    """Adds a command that works on a run: it has --config, --data, --run and --seed."""
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    add = command.add_argument
    add(
        "--config",
        type=Path,
        default=RECIPE,
        metavar="FILE",
        help="the recipe, a TOML file (default: training/configs/lite0.toml)",
    )
    add(
        "--data",
        type=Path,
        default=DATA,
        metavar="DIR",
        help="the folder with bone-break, multi-region, … (default: $CALLUS_DATA or ../shared/data)",
    )
    add(
        "--run",
        type=Path,
        metavar="DIR",
        help="the run's folder (default: runs/NAME for a recipe NAME.toml)",
    )
    add(
        "--seed",
        type=int,
        metavar="N",
        help="seed of folds, weights, views and intervals (default: the recipe's, or the run's)",
    )
    command.set_defaults(do=do)
    return command


def run_folder(options: argparse.Namespace) -> Path:
    """``--run``, or the folder below ``runs`` with the recipe's name."""
    folder: Path = options.run or ROOT / "runs" / options.config.stem
    return folder
