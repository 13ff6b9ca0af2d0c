"""``python -m training audit``: its options, its steps, and what it writes."""

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.options import DATA, RECIPE, ROOT
from training.errors import TrainingError

if TYPE_CHECKING:
    from training.datasets.layout import Picture

logger = logging.getLogger("training")
_TEXT = (
    "Finds what spoils a data set of radiographs: copies and near copies (turned, mirrored, "
    "stretched, cropped), twins on both sides of a split, one radiograph in two classes, unreadable files, "
    "drawn-on arrows and captions. Writes manifest.csv, report.html and audit.json into the run's "
    "folder; fit reads the manifest there before it looks into the data folder. If the command is stopped, "
    "the same command continues from there."
)


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    text = "find twins, leaks and contradictions in a folder of pictures"
    command = commands.add_parser("audit", help=text, description=_TEXT)
    add = command.add_argument
    add(
        "--data",
        type=Path,
        default=DATA / "bone-break",
        metavar="DIR",
        help="one collection: <class>/…, <class>/<split>/… or <split>/<class>/… "
        "(default: bone-break in $CALLUS_DATA or ../shared/data)",
    )
    add(
        "--run",
        type=Path,
        metavar="DIR",
        help="where results go (default: runs/audit-NAME of the data folder)",
    )
    add(
        "--seed",
        type=int,
        default=1,
        help="seed of the copies and splits of the leak experiment (default: 1)",
    )
    add("--check", action="store_true", help="only check whether the data set is complete")
    command.set_defaults(do=lambda options, _: audit(options), config=RECIPE)


def audit(options: argparse.Namespace) -> None:
    """Raises TrainingError: no folder, an empty class, nothing readable, or not whole (``--check``)."""
    from training.datasets.layout import find_pictures, root_of

    folder = root_of(options.data)
    pictures = find_pictures(folder)
    progress = sys.stderr.isatty()
    if options.check:
        _check(folder, pictures, progress)
        return
    run = options.run or ROOT / "runs" / f"audit-{options.data.resolve().name}"
    from training.audit.steps import examine, write

    _refuse_anothers(run, folder)
    write(examine(folder, pictures, run, options.seed, progress), run)


def _refuse_anothers(run: Path, folder: Path) -> None:
    """Two folders of one name would take each other's manifest."""
    try:
        other = json.loads((run / "audit.json").read_text()).get("folder")
    except (OSError, ValueError):
        return
    if other not in (None, str(folder.resolve())):
        raise TrainingError(
            f"{run} holds the audit of {other}. Choose another --run, or delete it."
        )


def _check(folder: Path, pictures: "list[Picture]", progress: bool) -> None:
    from training.audit.check import check

    found = check(folder, pictures, progress)
    for fact in found.facts:
        print(fact)
    for fault in found.faults:
        print(f"! {fault}")
    if found.faults:
        count = len(found.faults)
        raise TrainingError(
            f"{folder} is not whole: {count} {'fault' if count == 1 else 'faults'}, see above."
        )
    print(f"{folder}: nothing is missing, as far as is known, and every file can be read.")
