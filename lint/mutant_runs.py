"""Runs tests on a mutant: in a process of its own, which imports the mutant in the module's place."""

import ast
import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from lint.mutants import REPOSITORY, Mutant, mutated

# A mutant that never ends was noticed. It has seconds of processor time, of which all tests of a target use
# some 150: by wall time, a busy machine would notice every mutant. One that waits uses none, and has WAITING.
SECONDS, WAITING = 600, 1800
PASSED, FAILED, INTERRUPTED = 0, 1, 2  # pytest's own statuses
ENDED = (PASSED, FAILED, INTERRUPTED, -signal.SIGXCPU, -signal.SIGKILL)
OPTIONS = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")


def warm_up() -> None:
    """Imports what is large and not ours once, so that each process needn't."""
    import celery  # noqa: F401
    import django.contrib.admin  # noqa: F401
    import numpy  # noqa: F401
    import psycopg  # noqa: F401
    import pydicom  # noqa: F401
    import pytest  # noqa: F401
    import rest_framework  # noqa: F401


class _InPlace(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the mutant where its module is imported."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self.name = file.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
        self.path, self.tree = REPOSITORY / file, tree

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(
            name, self.path, loader=self, submodule_search_locations=self._folder()
        )

    def _folder(self) -> list[str] | None:
        return [str(self.path.parent)] if self.path.name == "__init__.py" else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, str(self.path), "exec"), vars(module))  # noqa: S102  our own code


def survives(mutant: Mutant | None, tests: Sequence[str]) -> bool:
    """Whether all ``tests`` pass with ``mutant``, or as the code is with None.

    Raises RuntimeError where pytest could not run at all.
    """
    process = os.fork()
    if process == 0:
        os.setsid()  # so that what the tests start ends with them
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        status = 70
        try:
            status = _run(mutant, tests)
        finally:
            os._exit(status)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process, signal.SIGKILL))
    signal.alarm(WAITING)
    status = os.waitpid(process, 0)[1]
    signal.alarm(0)
    code = os.waitstatus_to_exitcode(status)
    if code not in ENDED:
        raise RuntimeError(f"pytest ended with status {code} on {mutant or 'the code as it is'}.")
    return code == PASSED


def _run(mutant: Mutant | None, tests: Sequence[str]) -> int:
    import pytest

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if mutant is not None:
        sys.meta_path.insert(0, _InPlace(mutant.file, mutated(mutant)))
    os.chdir(Path(REPOSITORY))
    return int(pytest.main([*OPTIONS, *tests]))
