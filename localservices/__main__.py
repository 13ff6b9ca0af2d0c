"""``python -m localservices``: what the Makefile calls."""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from localservices.interruption import Interrupted, stop_in_order, undisturbed
from localservices.problem import Problem

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> int:
    arguments = _parser().parse_args()
    stop_in_order()
    try:
        return int(arguments.handle(arguments))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        print("\nStopped.", file=sys.stderr)
        return interrupted.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localservices", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the whole site until Ctrl-C")
    run.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
    run.add_argument("--no-demo-cases", action="store_true", help="people, but no synthetic cases")
    run.set_defaults(handle=_run)

    services = commands.add_parser(
        "services", help="run a command beside a private PostgreSQL and Redis"
    )
    services.add_argument("--database", default="callus", help="its name")
    services.add_argument(
        "--var-dir", type=Path, help="keep the data there; without it, it is deleted afterwards"
    )
    services.add_argument("command", nargs=argparse.REMAINDER, help="after --")
    services.set_defaults(handle=_services)

    demo = commands.add_parser("demo", help="run a command beside a throwaway site (CALLUS_URL)")
    demo.add_argument("command", nargs=argparse.REMAINDER, help="after --")
    demo.set_defaults(handle=_demo)

    manage = commands.add_parser(
        "manage", help="run manage.py on the site's database, while it runs and while it doesn't"
    )
    manage.add_argument("command", nargs=argparse.REMAINDER, help="after --; nothing lists them")
    manage.set_defaults(handle=_manage)

    smoke = commands.add_parser(
        "smoke", help="send, predict and review over REST; print one JSON line"
    )
    smoke.set_defaults(handle=_smoke)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from localservices.run import run

    run(_var_dir(), arguments.port, demo_cases=not arguments.no_demo_cases)
    return 0


def _var_dir() -> Path:
    """The data folder of this machine's site."""
    return Path(os.environ.get("VAR_DIR") or REPOSITORY / "var").expanduser().resolve()


def _services(arguments: argparse.Namespace) -> int:
    from localservices.lock import only_one
    from localservices.services import services, throwaway_folder

    with ExitStack() as stack:
        if arguments.var_dir:
            folder = arguments.var_dir.expanduser().resolve()
            stack.enter_context(only_one(folder, "python -m localservices services"))
        else:
            folder = stack.enter_context(throwaway_folder())
        throwaway = not arguments.var_dir
        environment = services(folder, arguments.database, throwaway=throwaway)
        return _call(arguments.command, stack.enter_context(environment))


def _demo(arguments: argparse.Namespace) -> int:
    from localservices.demo import throwaway_site

    with throwaway_site(demo_cases=True) as url:
        return _call(arguments.command, {"CALLUS_URL": url})


def _manage(arguments: argparse.Namespace) -> int:
    from localservices.manage import local_database

    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    with local_database(_var_dir()) as environment:
        return _call([sys.executable, "manage.py", *(command or ["help"])], environment)


def _smoke(_: argparse.Namespace) -> int:
    from localservices.smoke import main as smoke

    return smoke()


def _call(command: list[str], environment: dict[str, str]) -> int:
    """Runs the command after ``--`` and returns its exit status. Signals are passed on to it."""
    command = command[1:] if command[:1] == ["--"] else command
    if not command:
        raise Problem("There is no command to run. Give it after --")
    try:
        with undisturbed():
            process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **environment})
        status = process.wait()
    except OSError as error:
        raise Problem(f"{command[0]} can't be run: {error.strerror}.") from None
    except Interrupted as interrupted:
        process.send_signal(interrupted.number)
        status = process.wait()
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    sys.exit(main())
