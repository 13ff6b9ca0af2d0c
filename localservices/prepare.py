"""What must be done before the processes start: tables, static files, the released model, the demonstration.

Run as ``python -m localservices.prepare`` in the environment of ``localservices.services``. One process,
since starting Django five times costs more than the work.
"""

import hashlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError

from classifier.release import default_release_path
from classifier.release_errors import ReleaseError
from localservices.terminal import Step


def main() -> int:
    """Runs each step, and prints that it was done or why not. ``--no-demo`` makes people but no cases."""
    try:
        prepare("--no-demo" not in sys.argv)
    except (CommandError, OperationalError, ReleaseError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def prepare(with_cases: bool) -> None:
    with Step("Loading Callus"):
        django.setup()
    with Step("Bringing the database up to date"):
        quietly("migrate", database="owner")
    with Step("Gathering static files") as step:
        gather_static(step)
    register_released_model()
    demonstrate(with_cases)


def register_released_model() -> None:
    """A worker checks it. Which release is active is an administrator's choice: a start makes that choice
    only where none is.
    """
    with Step("Registering the released model") as step:
        folder = default_release_path()
        quietly("register_release", str(folder), "--activate-if-none")
        step.detail = folder.name


def quietly(command: str, *arguments: str, **options: object) -> str:
    """Runs a management command and returns what it printed."""
    output = io.StringIO()
    call_command(command, *arguments, stdout=output, verbosity=0, **options)
    return output.getvalue()


def gather_static(step: Step) -> None:
    """Skipped if nothing under static/ has changed since the same version of Callus did it."""
    stamp = Path(settings.STATIC_ROOT) / ".gathered"
    digest = hashlib.sha256()
    for path in sorted(Path(settings.BASE_DIR, "static").rglob("*")):
        if path.is_file():
            digest.update(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}".encode())
    digest.update(Path(settings.BASE_DIR, "requirements-web.txt").read_bytes())
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        step.detail = "unchanged"
        return
    quietly("collectstatic", interactive=False, clear=True)
    stamp.write_text(digest.hexdigest())


def demonstrate(with_cases: bool) -> None:
    """Makes the demonstration's people and, once, its synthetic cases, with a progress bar."""
    from demo.cases import make_cases
    from demo.people import make_people

    with Step("Making demonstration people") as step:
        site = make_people()
        step.detail = str(site)
    if with_cases:
        with Step("Drawing synthetic cases") as step:
            report: Callable[[int, int], None] = step.progress
            for number, total in make_cases(site):
                report(number, total)


if __name__ == "__main__":
    sys.exit(main())
