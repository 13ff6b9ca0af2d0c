"""``python -m training export``: the release of a finished run."""

import argparse
import logging
import sys
from pathlib import Path

from classifier.release import RELEASES
from training.commands.options import add_run_command, run_folder
from training.config import Config

logger = logging.getLogger("training")


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "write the release folder of a finished run"
    command = add_run_command(commands, "export", export, text)
    command.add_argument(
        "--releases",
        type=Path,
        default=RELEASES,
        metavar="DIR",
        help="the folder for NAME-VERSION (default: classifier/releases)",
    )
    command.add_argument(
        "--types",
        type=Path,
        metavar="RELEASE",
        help="take the types' network and its figures from this release, and only the detectors from the run",
    )


def export(options: argparse.Namespace, config: Config) -> None:
    from training.publishing.export import export as write_release

    progress = sys.stderr.isatty()
    folder = write_release(run_folder(options), config, options.releases, progress, options.types)
    logger.info("released %s", folder)
