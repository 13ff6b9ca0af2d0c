"""``python -m training report``: one HTML page of a finished run."""

import argparse
import logging
import sys

from training.commands.options import add_run_command, run_folder
from training.config import Config

logger = logging.getLogger("training")


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "write one HTML page of a finished run: figures, plots, examples with their maps"
    add_run_command(commands, "report", report, text)


def report(options: argparse.Namespace, config: Config) -> None:
    from training.publishing.report.write import write_report

    progress = sys.stderr.isatty()
    path = write_report(run_folder(options), options.data, options.seed, progress)
    logger.info("report: %s", path)
