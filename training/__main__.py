"""``python -m training fit | evaluate | export``: how a release is made, a step a command."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tqdm.contrib.logging import logging_redirect_tqdm

from classifier.release import RELEASES
from training.config import Config
from training.data import Dataset, load, read_rows
from training.errors import TrainingError

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = Path(__file__).resolve().parent / "configs"
logger = logging.getLogger("training")


def main(arguments: list[str] | None = None) -> int:
    """0 when done; 1 with one sentence when it can't be; 130 when interrupted."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        with logging_redirect_tqdm():
            options.do(options, Config.read(options.config))
    except TrainingError as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("training: stopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Makes a release of the fracture classifier."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _command(commands, "fit", fit, "train the folds and the network to release; goes on if killed")
    _command(commands, "evaluate", evaluate, "print the figures of a run as JSON, with intervals")
    export = _command(commands, "export", release, "write the release folder of a finished run")
    export.add_argument(
        "--releases",
        type=Path,
        default=RELEASES,
        metavar="DIR",
        help="default: classifier/releases",
    )
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    do: Callable[[argparse.Namespace, Config], None],
    text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    data = Path(os.environ.get("CALLUS_DATA", ROOT.parent / "shared" / "data")) / "bone-break"
    add = command.add_argument
    add("--config", type=Path, default=CONFIGS / "lite0.toml", metavar="FILE", help="the recipe")
    add("--data", type=Path, default=data, metavar="DIR", help="pictures and their manifest.csv")
    add("--run", type=Path, metavar="DIR", help="where the run lives (default: runs/CONFIG)")
    command.set_defaults(do=do)
    return command


def fit(options: argparse.Namespace, config: Config) -> None:
    from training.fit import fit as fit_folds  # torch takes seconds that --help need not wait for

    fit_folds(config, _dataset(options, config), _run(options), sys.stderr.isatty())


def evaluate(options: argparse.Namespace, config: Config) -> None:
    from training.evaluate import evaluate as figures
    from training.scores import OutOfFold

    scores = OutOfFold.of_run(_run(options), _dataset(options, config))
    print(json.dumps(figures(scores, config.seed), indent=2))


def release(options: argparse.Namespace, config: Config) -> None:
    from training.export import export

    folder = export(_run(options), config, _dataset(options, config), options.releases)
    logger.info("released %s", folder)


def _dataset(options: argparse.Namespace, config: Config) -> Dataset:
    rows = read_rows(options.data)
    return load(rows, config.cache_size, logger.warning, sys.stderr.isatty())


def _run(options: argparse.Namespace) -> Path:
    return options.run or ROOT / "runs" / options.config.stem


if __name__ == "__main__":
    sys.exit(main())
