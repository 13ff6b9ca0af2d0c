"""Small faults in the most dangerous modules: ``python -m lint.mutants``. Do their tests notice each one?

A mutant is a copy of a module with one change: a comparison turned round, ``and`` for ``or``, a ``not`` left
out, a condition turned round, a constant changed, a call or a refusal left out. Tests that pass on a mutant
would pass on that fault too; such a mutant has survived, and is printed. Nothing is written: each mutant is
imported in a process of its own. Run it beside the servers of the tests:

    python -m localservices services --database callus_test -- python -m lint.mutants --whole

Without ``--whole`` a few mutants are tried, always the same ones while the modules stay as they are.
"""

import argparse
import ast
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lint.mutations import Mutation, mutations, mutations_of

REPOSITORY = Path(__file__).resolve().parents[1]
# A module, or a folder of modules → the tests that must notice a fault in it.
TARGETS: dict[str, tuple[str, ...]] = {
    "accounts/access.py": (
        "tests/accounts/test_people.py",
        "tests/review/test_actions.py",
        "tests/api/test_who_may.py",
        "tests/worklist/test_filters.py",
    ),
    "triage/disclosure": (
        "tests/review/test_agreement.py",
        "tests/disclosure",
        "tests/api/test_disclosure.py",
        "tests/api/test_cases.py",
        "tests/web/test_case_page.py",
        "tests/web/test_points_page.py",
    ),
    "triage/review": (
        "tests/review",
        "tests/events",
        "tests/disclosure",
        "tests/concurrency/test_renewal.py",
    ),
}
SLOW = ("tests/disclosure/test_two_stacks.py", "tests/disclosure/test_hidden.py")  # come last
FEW, SEED = 4, 14  # how many the short form tries, and which


@dataclass(frozen=True)
class Mutant:
    """``number``: of the mutation in its file, from 0."""

    file: str
    number: int
    mutation: Mutation

    def __str__(self) -> str:
        return f"{self.file}:{self.mutation.line}: {self.mutation.change}"

    @property
    def tests(self) -> tuple[str, ...]:
        """Files, first those that name the module: the first test that fails ends the run."""
        named = next(tests for target, tests in TARGETS.items() if self.file.startswith(target))
        files = [file for name in named for file in _files(name, "test_*.py")]
        return tuple(sorted(files, key=lambda file: (file in SLOW, not self._is_named_in(file))))

    def _is_named_in(self, file: str) -> bool:
        module = self.file.removesuffix(".py").replace("/", ".")
        package, _, name = module.rpartition(".")
        text = (REPOSITORY / file).read_text()
        return f"{module} " in text or f"from {package} import {name}" in text


def all_mutants() -> list[Mutant]:
    return [
        Mutant(file, number, mutation)
        for target in TARGETS
        for file in _files(target)
        for number, mutation in enumerate(mutations((REPOSITORY / file).read_text()))
    ]


def few_mutants() -> list[Mutant]:
    """One of each target, and others up to FEW. The choice depends on the modules alone, not on the day."""
    chance, every = random.Random(SEED), all_mutants()  # noqa: S311  nothing secret
    chosen = [
        chance.choice([one for one in every if one.file.startswith(target)]) for target in TARGETS
    ]
    rest = [one for one in every if one not in chosen]
    return chosen + chance.sample(rest, FEW - len(chosen))


def _files(target: str, pattern: str = "*.py") -> Iterator[str]:
    place = REPOSITORY / target
    for path in sorted(place.glob(pattern)) if place.is_dir() else [place]:
        yield str(path.relative_to(REPOSITORY))


def main(arguments: Sequence[str] | None = None) -> int:
    from lint.mutant_runs import survives, warm_up

    parser = argparse.ArgumentParser(
        prog="python -m lint.mutants", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--whole", action="store_true", help="every mutant: some hours")
    parser.add_argument("--only", default="", help="of files whose name begins so")
    options = parser.parse_args(arguments)
    warm_up()
    tried = all_mutants() if options.whole else few_mutants()
    tried = [mutant for mutant in tried if mutant.file.startswith(options.only)]
    if options.whole:  # the short form is part of ``make test``, which runs these tests anyway
        for tests in {tuple(sorted(mutant.tests)) for mutant in tried}:
            if not survives(None, tests):
                print(f"These tests fail without a mutant: {' '.join(tests)}")
                return 1
    survivors = []
    for mutant in tried:
        if survives(mutant, mutant.tests):
            survivors.append(str(mutant))
            print(f"survived  {mutant}", flush=True)
    print(json.dumps({"mutants": len(tried), "survived": survivors}))
    return 0


def mutated(mutant: Mutant) -> ast.Module:
    """The mutant's module, to be compiled."""
    tree = ast.parse((REPOSITORY / mutant.file).read_text())
    mutations_of(tree)[mutant.number].apply()
    return ast.fix_missing_locations(tree)


if __name__ == "__main__":
    raise SystemExit(main())
