"""Runs every test in its whole form and writes down what it was: ``make test-all``.

It runs pytest with ``--whole`` and then every mutant (``lint.mutants``), and appends a row to RESULTS.md,
also where something failed. Exit status: that of pytest.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

REPOSITORY = Path(__file__).resolve().parents[1]
RESULTS = REPOSITORY / "bench" / "RESULTS.md"
SERVICES = (sys.executable, "-m", "localservices", "services", "--database", "callus_test", "--")


@dataclass(frozen=True)
class Counts:
    """``kills``: of the tests that ran, those that kill real processes (tests/chaos)."""

    run: int
    passed: int
    skipped: int
    failed: int
    kills: int

    @classmethod
    def read(cls, junit: Path) -> "Counts":
        """Of pytest's JUnit file."""
        cases = list(ElementTree.parse(junit).getroot().iter("testcase"))  # noqa: S314  our own file
        skipped = [case for case in cases if case.find("skipped") is not None]
        failed = [
            case
            for case in cases
            if case.find("failure") is not None or case.find("error") is not None
        ]
        kills = [case for case in cases if case.get("classname", "").startswith("tests.chaos")]
        passed = len(cases) - len(skipped) - len(failed)
        return cls(len(cases) - len(skipped), passed, len(skipped), len(failed), len(kills))


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        junit = Path(folder) / "junit.xml"
        pytest = (sys.executable, "-m", "pytest", "--whole", f"--junitxml={junit}")
        status = subprocess.run(
            [*SERVICES, *pytest, *options.pytest], cwd=REPOSITORY, check=False
        ).returncode
        if not junit.exists():  # pytest was called wrongly, or stopped by a person
            return status
        counts = Counts.read(junit)
    mutants = "–" if options.no_mutants else _mutants()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cells = (
        f"{datetime.now(UTC):%Y-%m-%d}",
        _commit(),
        _machine(),
        *(counts.run, counts.passed, counts.skipped, counts.failed, counts.kills),
        mutants,
        f"{(time.monotonic() - began) / 60:.1f}",
        f"{(used.ru_utime + used.ru_stime) / 60:.1f}",
    )
    with options.results.open("a") as file:
        file.write(f"| {' | '.join(map(str, cells))} |\n")
    return status


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.whole_suite", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the row is appended")
    parser.add_argument("--no-mutants", action="store_true", help="leave the mutants out")
    parser.add_argument("pytest", nargs="*", help="more for pytest, after --")
    return parser.parse_args(arguments)


def _mutants() -> str:
    """How many survived of how many; the last line that ``lint.mutants`` prints is JSON."""
    command = [*SERVICES, sys.executable, "-m", "lint.mutants", "--whole"]
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)
    if done.returncode:
        return "not run"
    found = json.loads(done.stdout.splitlines()[-1])
    return f"{len(found['survived'])} of {found['mutants']}"


def _commit() -> str:
    """The commit, with a + where files differ from it."""
    names = [
        subprocess.run(
            ["git", *command], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
        for command in (("rev-parse", "--short", "HEAD"), ("status", "--porcelain"))
    ]
    return names[0].stdout.strip() + ("+" if names[1].stdout else "")


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB"


if __name__ == "__main__":
    sys.exit(main())
