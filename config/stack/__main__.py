"""``python -m config.stack``: what the Makefile calls."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    arguments = _parser().parse_args()
    _give_runtime_dir()
    from config.stack.redis import NoRedis
    from config.stack.run import CanNotRun

    try:
        return int(arguments.handle(arguments))
    except (CanNotRun, NoRedis) as error:
        print(error, file=sys.stderr)
        return 1


def _give_runtime_dir() -> None:
    """The PostgreSQL wheel keeps its lock there; outside a desktop session nothing sets it."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        folder = Path(tempfile.gettempdir()) / f"callus-runtime-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config.stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the whole site until Ctrl-C")
    run.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    run.add_argument("--no-demo-cases", action="store_true", help="people, but no synthetic cases")
    run.set_defaults(handle=_run)

    services = commands.add_parser(
        "services", help="run a command beside a throwaway PostgreSQL and Redis"
    )
    services.add_argument("--database", default="callus")
    services.add_argument("command", nargs=argparse.REMAINDER, help="after --")
    services.set_defaults(handle=_services)

    demo = commands.add_parser("demo", help="run a command beside a throwaway site (CALLUS_URL)")
    demo.add_argument("command", nargs=argparse.REMAINDER, help="after --")
    demo.set_defaults(handle=_demo)

    smoke = commands.add_parser(
        "smoke", help="send, predict and review over REST; print one JSON line"
    )
    smoke.set_defaults(handle=_smoke)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from config.stack.run import run

    var_dir = Path(os.environ.get("VAR_DIR") or REPOSITORY / "var").expanduser().resolve()
    return run(var_dir, arguments.port, demo_cases=not arguments.no_demo_cases)


def _services(arguments: argparse.Namespace) -> int:
    from config.stack.services import services

    with (
        tempfile.TemporaryDirectory(prefix="callus-") as folder,
        services(Path(folder), arguments.database, throwaway=True) as environment,
    ):
        return _call(arguments.command, environment)


def _demo(arguments: argparse.Namespace) -> int:
    from config.stack.demo import throwaway_site

    with throwaway_site(demo_cases=True) as url:
        return _call(arguments.command, {"CALLUS_URL": url})


def _smoke(_: argparse.Namespace) -> int:
    from config.stack.smoke import main as smoke

    return smoke()


def _call(command: list[str], environment: dict[str, str]) -> int:
    if command[:1] == ["--"]:
        command = command[1:]
    process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **environment})
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C reached the command too; its status is what counts


if __name__ == "__main__":
    sys.exit(main())
