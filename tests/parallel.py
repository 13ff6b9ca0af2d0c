"""Two processes of pytest-xdist (``-n 2``): each has a PostgreSQL, a Redis and a folder of its own.

The first one has those that the environment names. Nothing is shared, so no test knows of the other process,
and truncating, killing and waiting for locks hit nobody else.
"""

import signal
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

import pytest

from localservices.postgres import postgres
from localservices.redis import redis
from localservices.services import throwaway_folder

# Folders whose tests share what takes long to make: one process makes it.
TOGETHER = ("tests/training/",)
# What takes minutes begins, in this order, so that neither process is left with it when the other has nothing
# more to do.
FIRST = (
    "tests/training/",
    "tests/lint/test_mutants.py",
    "tests/stack/",
    "tests/chaos/",
    "tests/upgrade/",
    "tests/concurrency/",
    "tests/disclosure/",
    "tests/e2e/",
    "tests/worklist/test_plans.py",
    "tests/demo/",
    "tests/bench/",
)
_servers = pytest.StashKey[ExitStack]()
_SET = "import os; os.environ.update(channel.receive())"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called before a worker process reads its settings."""
    if node.gateway.id == "gw0":
        return
    for number in (
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # like Ctrl-C: pytest stops, and then the servers do
        signal.signal(number, signal.default_int_handler)
    stack = node.config.stash.setdefault(_servers, ExitStack())
    folder = stack.enter_context(throwaway_folder())
    server = postgres(folder / "postgres", "callus_test", throwaway=True)
    environment = stack.enter_context(server).environment()
    environment["REDIS_URL"] = stack.enter_context(redis(folder / "redis"))
    environment["VAR_DIR"] = str(folder)
    channel = node.gateway.remote_exec(_SET)
    channel.send(environment)
    channel.waitclose(10)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash.get(_servers, ExitStack()).close()


def _are_spread(config: pytest.Config) -> bool:
    return config.getoption("dist", "no") == "loadgroup"


def keep_files_together(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Tests of a file run in one process, and so do all of a folder of TOGETHER (``--dist loadgroup``)."""
    if not _are_spread(config):
        return
    for item in items:
        file = item.nodeid.partition("::")[0]
        group = next((folder for folder in TOGETHER if file.startswith(folder)), file)
        item.add_marker(pytest.mark.xdist_group(group))


def put_long_ones_first(config: pytest.Config, items: list[pytest.Item]) -> None:
    """xdist hands out files in this order (``--no-loadscope-reorder``), not those of most tests first.

    One process alone keeps the order of its arguments: ``lint.mutants`` names last what takes long.
    """
    if not _are_spread(config):
        return

    def place(item: pytest.Item) -> int:
        named = (at for at, name in enumerate(FIRST) if item.nodeid.startswith(name))
        return next(named, len(FIRST))

    items.sort(key=place)
