"""``python -m training fit``: trains the folds and the network to release."""

import argparse
import sys
from dataclasses import replace
from fnmatch import filter as filter_names
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.options import add_run_command, run_folder
from training.config import Config
from training.detector_config import DetectorConfig
from training.errors import TrainingError

if TYPE_CHECKING:
    from training.datasets.training_data import TrainingData

# torch takes seconds to import, and --help must not wait for it: everything that needs it is imported in the
# functions below.


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "train the folds and the network to release; continue a run that was killed"
    command = add_run_command(commands, "fit", fit, text)
    command.add_argument(
        "--extra",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="more labelled fractures, such as manage.py export_reviews writes; may be repeated",
    )
    command.add_argument(
        "--only",
        default="*",
        metavar="PATTERN",
        help="only the splits with such a name, for example 'repeat-0-*': several processes can share a run",
    )
    command.add_argument(
        "--backbone",
        metavar="[ARCHITECTURE=]FILE",
        help="your own weights for the detector's backbone: a safetensors file with timm's names, whose "
        "metadata names the architecture; see 'Your own backbone' in training/README.md",
    )


def fit(options: argparse.Namespace, config: Config) -> None:
    from training.fitting.fit import fit as fit_splits
    from training.fitting.kinds_record import refuse_other_data
    from training.fitting.run import ClassifierRun
    from training.fitting.run_record import refuse_another_recipe

    folder = run_folder(options)
    if config.detector is None and options.backbone:
        raise TrainingError("The recipe has no [detector], which --backbone is for.")
    fits_types, fits_detectors = _chosen(options.only, config)
    refuse_another_recipe(config, folder)
    if config.detector is not None and fits_detectors:
        _fit_detectors(options, config, config.detector, folder)
    if fits_types:
        data = _read(options, config)
        if config.detector is not None:
            refuse_other_data(data, folder)
        fit_splits(ClassifierRun.begin(config, data, folder, sys.stderr.isatty()), options.only)


def _chosen(pattern: str, config: Config) -> tuple[bool, bool]:
    """Whether the pattern names any split of the types, and any split of the detector.

    The pictures of the other ones need not be read. Raises TrainingError if it names none.
    """
    from training.fitting.detection.splits import detector_split_names
    from training.fitting.splits import split_names

    types = split_names(config)
    detectors = [] if config.detector is None else detector_split_names(config)
    fits_types, fits_detectors = (
        bool(filter_names(names, pattern)) for names in (types, detectors)
    )
    if not fits_types and not fits_detectors:
        names = ", ".join([*detectors, *types])
        raise TrainingError(f"No split is called {pattern!r}. There are: {names}.")
    return fits_types, fits_detectors


def _fit_detectors(
    options: argparse.Namespace, config: Config, recipe: DetectorConfig, folder: Path
) -> None:
    """Fits the kinds head and the chosen detectors. Refuses what it can before it reads pictures."""
    from training.datasets.detector_pictures import read_pictures
    from training.fitting.detection.fit import fit_detectors
    from training.fitting.detection.run_record import record_detectors
    from training.fitting.kinds_head import ensure_kinds
    from training.fitting.run import DetectorRun
    from training.fitting.run_record import record_run
    from training.networks.own_backbone import OwnBackbone

    backbone = OwnBackbone.read(options.backbone, recipe.size) if options.backbone else None
    record_detectors(config, folder, backbone)

    def read() -> "TrainingData":
        data = _read(options, config)
        record_run(config, folder, data.fingerprint)
        return data

    # The figures of the detectors count refusals, so their pictures need the kinds head's scores.
    ensure_kinds(config, read, options.data, folder, options.extra)
    progress = sys.stderr.isatty()
    pictures = read_pictures(options.data, recipe.stored_size, progress)
    run = DetectorRun.begin(config, pictures, folder, progress)
    fit_detectors(replace(run, backbone=backbone), options.only)


def _read(options: argparse.Namespace, config: Config) -> "TrainingData":
    from training.datasets.training_data import read_training_data

    return read_training_data(options.data, config, options.extra, sys.stderr.isatty())
