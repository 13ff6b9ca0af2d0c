"""Prints how large each package is: files, lines, functions, comments, and the lines of its tests.

``python -m lint.package_sizes [REVISION]`` counts a commit, for example the one before a change. Without a
revision it counts the working tree. It counts the Python files that git tracks, without migrations. The last
line is the same table as JSON.
"""

import argparse
import json
import statistics
import subprocess
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from lint.python_source import comment_lines, functions

REPOSITORY = Path(__file__).resolve().parents[1]
# Tests of these folders hold several packages together, so they are counted in a row of their own.
SHARED_TESTS = {"architecture", "chaos", "concurrency", "e2e", "upgrade"}
# Test folders that are named after a part of a package and not after the package.
PACKAGE_OF = {"events": "accounts", "stack": "localservices"}
OUR_CODE = ("accounts", "classifier", "triage")  # which the least share of tests is set for


@dataclass(frozen=True)
class Row:
    """One package. Shares are 0 to 1; ``tests_per_line`` is test lines divided by source lines."""

    package: str
    files: int
    lines: int
    longest_file: int
    functions: int
    median: float
    p90: int
    longest: int
    comments: float
    test_lines: int
    tests_per_line: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("revision", nargs="?", help="a commit; default: the working tree")
    sources = read(parser.parse_args().revision)
    rows = table(sources)
    print("\n".join(as_markdown(rows)))
    print(json.dumps([asdict(row) for row in rows]))


def read(revision: str | None) -> dict[PurePosixPath, str]:
    """The tracked Python files, by path from the top of the repository."""
    listing = ["ls-tree", "-r", "--name-only", revision] if revision else ["ls-files"]
    paths = [PurePosixPath(line) for line in _git(*listing).splitlines()]
    python = [path for path in paths if path.suffix == ".py" and "migrations" not in path.parts]
    if revision:
        return {path: _git("show", f"{revision}:{path}") for path in python}
    # A file that is deleted but not yet committed is still tracked.
    return {
        path: (REPOSITORY / path).read_text() for path in python if (REPOSITORY / path).exists()
    }


def table(sources: dict[PurePosixPath, str]) -> list[Row]:
    packages: dict[str, list[str]] = defaultdict(list)
    tests: dict[str, int] = defaultdict(int)
    for path, source in sources.items():
        if path.parts[0] == "tests":
            tests[package_under_test(path)] += len(source.splitlines())
        elif len(path.parts) > 1:
            packages[path.parts[0]].append(source)
    rows = [_row(name, packages[name], tests[name]) for name in sorted(packages)]
    ours = [source for name in OUR_CODE for source in packages[name]]
    rows.append(_row(" + ".join(OUR_CODE), ours, sum(tests[name] for name in OUR_CODE)))
    shared = sum(tests[name] for name in (*OUR_CODE, "shared"))
    rows.append(_row("the same, with the shared tests", ours, shared))
    return rows


def package_under_test(path: PurePosixPath) -> str:
    """The package that a test file is about, or ``shared``. Otherwise a package of ``triage``."""
    folder = path.parts[1]
    if folder.endswith(".py") or folder in SHARED_TESTS:
        return "shared"
    top_level = (
        "accounts",
        "bench",
        "classifier",
        "config",
        "demo",
        "lint",
        "localservices",
        "training",
    )
    return PACKAGE_OF.get(folder, folder if folder in top_level else "triage")


def _row(package: str, sources: list[str], test_lines: int) -> Row:
    lines = [len(source.splitlines()) for source in sources]
    lengths = sorted(function.lines for source in sources for function in functions(source)) or [0]
    return Row(
        package=package,
        files=len(sources),
        lines=sum(lines),
        longest_file=max(lines, default=0),
        functions=len(lengths),
        median=statistics.median(lengths),
        p90=lengths[int(0.9 * (len(lengths) - 1))],
        longest=lengths[-1],
        comments=round(sum(map(comment_lines, sources)) / max(sum(lines), 1), 4),
        test_lines=test_lines,
        tests_per_line=round(test_lines / max(sum(lines), 1), 2),
    )


def as_markdown(rows: list[Row]) -> list[str]:
    heads = (
        "files",
        "lines",
        "longest file",
        "functions",
        "median",
        "p90",
        "longest",
        "comments",
        "tests",
    )
    lines = [f"| package | {' | '.join(heads)} | test lines per line |", "| --- |" + " --: |" * 10]
    for row in rows:
        numbers = (
            row.files,
            row.lines,
            row.longest_file,
            row.functions,
            f"{row.median:g}",
            row.p90,
        )
        more = (row.longest, f"{row.comments:.1%}", row.test_lines, row.tests_per_line)
        cells = [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in (*numbers, *more)]
        lines.append(f"| {row.package} | {' | '.join(cells)} |")
    return lines


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(REPOSITORY), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
