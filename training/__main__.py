"""``python -m training audit | fit | evaluate | report | export | measure``: how a release is made."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from fnmatch import filter as filter_names
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm.contrib.logging import logging_redirect_tqdm

from classifier.release import RELEASES
from training.commands.audit import add_command as add_audit
from training.commands.measure import add_command as add_measure
from training.config import Config
from training.detector_config import Recipe
from training.errors import TrainingError

if TYPE_CHECKING:
    from training.datasets.material import Material

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = Path(__file__).resolve().parent / "configs"
_RESUMED = ("audit", "fit")  # they keep what is finished
logger = logging.getLogger("training")


def main(arguments: list[str] | None = None) -> int:
    """0 when done; 1 with one sentence when it can't be; 130 when interrupted."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        with logging_redirect_tqdm():
            options.do(options, _config(options))
    except TrainingError as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"training: {said}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        again = "goes on from here" if options.command in _RESUMED else "starts again"
        print(f"training: stopped. The same command {again}.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Makes a release of the fracture classifier."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    text = "train the folds and the network to release; goes on if killed"
    more = _command(commands, "fit", fit, text)
    more.add_argument(
        "--extra",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="more labelled fractures, such as manage.py export_reviews writes; may be repeated",
    )
    more.add_argument(
        "--only",
        default="*",
        metavar="PATTERN",
        help="only the parts of this name, such as 'repeat-0-*': several processes can share a run",
    )
    more.add_argument(
        "--backbone",
        metavar="[ARCHITECTURE=]FILE",
        help="weights of your own for the detector's backbone: a safetensors file under timm's names, whose "
        "metadata names the architecture; see 'Your own backbone' in training/README.md",
    )
    text = "print the figures of a run or a release as JSON, with intervals"
    figures = _command(commands, "evaluate", evaluate, text)
    figures.add_argument(
        "--scores", type=Path, metavar="DIR", help="recompute them from a release's scores_*.csv"
    )
    text = "write one HTML page of a finished run: figures, plots, examples with their maps"
    _command(commands, "report", report, text)
    export = _command(commands, "export", release, "write the release folder of a finished run")
    export.add_argument(
        "--releases",
        type=Path,
        default=RELEASES,
        metavar="DIR",
        help="default: classifier/releases",
    )
    export.add_argument(
        "--types",
        type=Path,
        metavar="RELEASE",
        help="take the types' network and its figures from this release; the run's detectors are new",
    )
    add_audit(commands, ROOT, CONFIGS / "lite0.toml")
    add_measure(commands, CONFIGS / "lite0.toml")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    do: Callable[[argparse.Namespace, Config], None],
    text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    data = Path(os.environ.get("CALLUS_DATA", ROOT.parent / "shared" / "data"))
    add = command.add_argument
    add("--config", type=Path, default=CONFIGS / "lite0.toml", metavar="FILE", help="the recipe")
    add(
        "--data",
        type=Path,
        default=data,
        metavar="DIR",
        help="holds bone-break, multi-region, … (default: $CALLUS_DATA or ../shared/data)",
    )
    add("--run", type=Path, metavar="DIR", help="where the run lives (default: runs/CONFIG)")
    add(
        "--seed",
        type=int,
        metavar="N",
        help="of folds, weights, views and intervals (default: the recipe's, or the run's)",
    )
    command.set_defaults(do=do)
    return command


def fit(options: argparse.Namespace, config: Config) -> None:
    # Here, since torch takes seconds that --help need not wait for.
    from training.fitting.fit import fit as fit_parts
    from training.fitting.kinds_head import refuse_other_material
    from training.fitting.run_record import refuse_another_recipe

    run = _run(options)
    if config.detector is None and options.backbone:
        raise TrainingError("The recipe has no [detector], which --backbone is for.")
    of_types, of_detectors = _asked_for(options.only, config)
    refuse_another_recipe(config, run)
    if config.detector is not None and of_detectors:
        _fit_detectors(options, config, config.detector, run)
    if of_types:
        material = _material(options, config)
        if config.detector is not None:
            refuse_other_material(material, run)
        fit_parts(config, material, run, sys.stderr.isatty(), options.only)


def _asked_for(pattern: str, config: Config) -> tuple[bool, bool]:
    """Whether any of the types' parts, and any detector, bears such a name: of what nobody asked for, no
    picture need be read. Raises TrainingError where there is none.
    """
    from training.fitting.detection.splits import detector_part_names
    from training.fitting.splits import part_names

    detectors = [] if config.detector is None else detector_part_names(config)
    every = [part_names(config), detectors]
    of_types, of_detectors = (bool(filter_names(names, pattern)) for names in every)
    if not of_types and not of_detectors:
        names = ", ".join([*detectors, *every[0]])
        raise TrainingError(f"No part is called {pattern!r}. There are: {names}.")
    return of_types, of_detectors


def _fit_detectors(options: argparse.Namespace, config: Config, recipe: Recipe, run: Path) -> None:
    """Trains those of the name that was asked for; refuses what it can before it reads pictures."""
    from training.datasets.detector_pictures import read_pictures
    from training.fitting.detection.fit import fit_detectors
    from training.fitting.detection.run_record import remember_detectors
    from training.fitting.kinds_head import ensure_kinds
    from training.fitting.run_record import remember
    from training.networks.own_backbone import OwnBackbone

    own = OwnBackbone.read(options.backbone, recipe.size) if options.backbone else None
    remember_detectors(config, run, own)

    def read() -> "Material":
        material = _material(options, config)
        remember(config, run, material.fingerprint)
        return material

    # What the detectors' pictures are measured by, beside them.
    ensure_kinds(config, read, options.data, run, options.extra)
    pictures = read_pictures(options.data, recipe.stored_size, sys.stderr.isatty())
    fit_detectors(config, pictures, run, sys.stderr.isatty(), options.only, own)


def evaluate(options: argparse.Namespace, config: Config) -> None:
    from training.evaluation.evaluate import evaluate as figures
    from training.evaluation.scores import RunScores
    from training.storage.files import read_json, read_run

    stored, run = options.scores, _run(options)
    scores = RunScores.read(stored) if stored else RunScores.of_run(run)
    if stored is None:
        made = read_run(run)["config"]
    elif (stored / "manifest.json").exists():
        made = read_json(stored / "manifest.json").get("config") or {}
    else:
        made = {}
    seed = config.seed if options.seed is not None else made.get("seed", config.seed)
    print(json.dumps(figures(scores, seed, progress=sys.stderr.isatty()), indent=2))


def report(options: argparse.Namespace, config: Config) -> None:
    from training.publishing.report.write import write_report

    logger.info(
        "report: %s", write_report(_run(options), options.data, options.seed, sys.stderr.isatty())
    )


def release(options: argparse.Namespace, config: Config) -> None:
    from training.publishing.export import export

    folder = export(_run(options), config, options.releases, sys.stderr.isatty(), options.types)
    logger.info("released %s", folder)


def _config(options: argparse.Namespace) -> Config:
    config = Config.read(options.config)
    return config if options.seed is None else config.with_seed(options.seed)


def _material(options: argparse.Namespace, config: Config) -> "Material":
    from training.datasets.material import read_material

    return read_material(options.data, config, options.extra, sys.stderr.isatty())


def _run(options: argparse.Namespace) -> Path:
    return options.run or ROOT / "runs" / options.config.stem


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # `| head` ends a command quietly, as it does others
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
