"""The whole form of what costs minutes: ``--whole``, which ``make test-all`` gives and ``make test`` doesn't.

A test marked ``whole`` runs only then. Its file must have a short form of the same kind, which always runs:
what costs minutes is done less often by ``make test``, and never not at all. A test whose size may vary asks
the fixture ``whole_form``.
"""

from collections.abc import Iterable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="run the whole forms too (make test-all)")


@pytest.fixture(scope="session")
def whole_form(pytestconfig) -> bool:
    """Whether tests have their whole size: all kills, widths, pairs and pictures."""
    return bool(pytestconfig.getoption("--whole"))


def leave_out_whole_forms(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the whole forms out, unless they are asked for as a whole or each by its name."""
    by_name = any("::" in argument for argument in config.args)
    if not by_name and (alone := without_short_form(items)):
        raise pytest.UsageError(f"Only a whole form is there in {', '.join(alone)}")
    if config.getoption("--whole") or by_name:
        return
    left_out = [item for item in items if item.get_closest_marker("whole")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("whole")]


def without_short_form(items: Iterable[pytest.Item]) -> list[str]:
    """Files that have tests marked ``whole`` and no other ones."""
    short: dict[str, bool] = {}
    for item in items:
        file = item.nodeid.partition("::")[0]
        short[file] = short.get(file, False) or item.get_closest_marker("whole") is None
    return sorted(file for file, has_short_form in short.items() if not has_short_form)
