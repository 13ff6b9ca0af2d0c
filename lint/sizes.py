"""No file is longer than 250 lines and no function longer than 40: ``python -m lint.sizes``.

A longer file has two ideas. Exceptions are listed in ``pyproject.toml`` with their reason. An exception that
is no longer needed is a fault too, so that the table stays true.
Ruff holds the third limit, complexity (C901). Migrations that Django writes are not counted.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from lint.python_source import functions

REPOSITORY = Path(__file__).resolve().parents[1]
FILE_LINES = 250
FUNCTION_LINES = 40


def main() -> int:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    faults = list(check(dict(too_long(tracked_files())), project["tool"]["callus"]["longer"]))
    print("\n".join(faults) or "All sizes hold.")
    return bool(faults)


def tracked_files() -> list[Path]:
    """The Python files that git tracks or would track, without migrations."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.run(
        listing, cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout
    paths = [REPOSITORY / name for name in names.splitlines()]
    return [path for path in paths if path.exists() and "migrations" not in path.parts]


def too_long(paths: list[Path], root: Path = REPOSITORY) -> Iterator[tuple[str, str]]:
    """(place, size) of each; the place is ``path`` for a file and ``path: name`` for a function."""
    for path in paths:
        name, source = path.relative_to(root).as_posix(), path.read_text()
        if (lines := len(source.splitlines())) > FILE_LINES:
            yield name, f"{lines} lines in one file, at most {FILE_LINES}"
        for function in functions(source):
            if function.lines > FUNCTION_LINES:
                size = f"{function.lines} lines in one function, at most {FUNCTION_LINES}"
                yield f"{name}: {function.name}", size


def check(long: dict[str, str], excused: dict[str, str]) -> Iterator[str]:
    """A sentence for each place that is too long, and each exception without use or reason."""
    for place, size in sorted(long.items()):
        if place not in excused:
            yield f"{place}: {size}. Split it, or name it in [tool.callus.longer] with the reason."
    for place, reason in sorted(excused.items()):
        if place not in long:
            yield f"{place}: not longer than others any more. Take it out of [tool.callus.longer]."
        elif not reason.strip():
            yield f"{place}: [tool.callus.longer] gives no reason."


if __name__ == "__main__":
    sys.exit(main())
