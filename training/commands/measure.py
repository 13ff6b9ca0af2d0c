"""``python -m training measure``: a finished release on a collection that it never saw."""

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.options import RECIPE
from training.config import NAME
from training.errors import TrainingError

if TYPE_CHECKING:
    from classifier.classify import Classifier

logger = logging.getLogger("training")
_TEXT = (
    "Classifies every picture of a collection that the release never saw, such as another hospital's, in "
    "the same way as the site: one thread, one picture at a time. Prints the figures of the fracture call "
    "with 95 % intervals, and whether the call may be used (the rule: "
    "training/evaluation/external/rule.py). With --write it also writes the release again: the same "
    "weights, the scores in scores_elsewhere.csv, and a manifest and a model card with these figures."
)
_FOLDER = (
    "The folder has a manifest.csv with the columns path, fractured (0 or 1), block (pictures that may be of "
    "one patient), twin_group and sha256; training/README.md names further columns"
)


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "measure a finished release on another hospital's pictures, and say whether its call may be used"
    command = commands.add_parser("measure", help=text, description=_TEXT)
    add = command.add_argument
    add("release", type=Path, metavar="RELEASE", help="the folder of a finished release")
    add(
        "folder",
        type=Path,
        metavar="FOLDER",
        help=f"pictures that the release was not trained on. {_FOLDER}",
    )
    add(
        "--write",
        type=Path,
        metavar="RELEASES",
        help="write RELEASES/NAME-VERSION, the release with these figures",
    )
    add(
        "--version",
        type=_version,
        metavar="VERSION",
        help="version of the release that --write writes (default: that of RELEASE)",
    )
    add(
        "--replace",
        action="store_true",
        help="with --write: replace a release of that version; without this option it is refused",
    )
    command.set_defaults(do=lambda options, _: measure(options), config=RECIPE, seed=None)


def measure(options: argparse.Namespace) -> None:
    """Raises TrainingError: a release that can't be used, no manifest, or pictures that it was made with."""
    from training.datasets.external_collection import once, read_folder
    from training.evaluation.detector.rule import call_usability
    from training.evaluation.external.classified import classify_collection
    from training.publishing.measured_release import (
        metrics_with,
        refuse_seen,
        target_of,
        write_measured,
    )

    if (options.version or options.replace) and not options.write:
        raise TrainingError(
            "--version and --replace are of the release which --write writes. Give --write too."
        )
    classifier, listed = _classifier(options.release), read_folder(options.folder)
    pictures = once(listed)
    if copies := len(listed) - len(pictures):
        logger.info("%s rows name a file that another row has too: each file counts once", copies)
    version = options.version or classifier.release.version
    target = (
        target_of(classifier.release, options.write, version, options.replace)
        if options.write
        else None
    )
    refuse_seen(classifier.release, {picture.sha256[:16] for picture in pictures})
    collection = options.folder.resolve().name
    measured = classify_collection(classifier, pictures, collection, sys.stderr.isatty())
    metrics = metrics_with(classifier.release, measured)
    print(json.dumps({**call_usability(metrics), "elsewhere": metrics["elsewhere"]}, indent=2))
    if target is not None:
        release = write_measured(classifier.release, measured, target, version)
        logger.info("released %s", release)


def _classifier(folder: Path) -> "Classifier":
    from classifier.classify import Classifier
    from classifier.release_errors import ReleaseError

    try:
        return Classifier(folder, threads=1)
    except ReleaseError as error:
        raise TrainingError(str(error)) from None


def _version(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be of letters, digits, dots and hyphens")
    return text
