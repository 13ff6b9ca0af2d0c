"""``python -m training audit | fit | evaluate | report | export | measure``: how a release is made."""

import argparse
import logging
import signal
import sys

from tqdm.contrib.logging import logging_redirect_tqdm

from training.commands import audit, evaluate, export, fit, measure, report
from training.config import Config
from training.errors import TrainingError

_RESUMED = ("audit", "fit")  # commands that keep what is finished


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 if the command is done, 1 with one sentence if it can't be done, 130 if interrupted."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        with logging_redirect_tqdm():
            options.do(options, _config(options))
    except TrainingError as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"training: {message}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        then = "continues from here" if options.command in _RESUMED else "starts again"
        print(f"training: stopped. The same command {then}.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Makes a release of the fracture classifier."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (fit, evaluate, report, export, audit, measure):
        module.add_command(commands)
    return parser


def _config(options: argparse.Namespace) -> Config:
    config = Config.read(options.config)
    return config if options.seed is None else config.with_seed(options.seed)


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # `| head` ends the command quietly, as it ends others
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
