"""Every service says which events it emits, and every act has a service."""

import ast
import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest

from accounts.acts import Act
from tests.events.services import BOOKKEEPING, ELSEWHERE, QUIET, SERVICES


def public(module: ModuleType) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(inspect.unwrap(value) if callable(value) else value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_which_events_it_emits(name):
    listed = SERVICES[name]
    assert public(importlib.import_module(name)) == set(listed), (
        "Say its act in SERVICES, or why not."
    )
    reasons = [text for text in listed.values() if isinstance(text, str)]
    assert all(text.startswith(QUIET) and len(text) > len(QUIET) + 10 for text in reasons)


def test_every_act_belongs_to_a_service():
    listed = [acts for functions in SERVICES.values() for acts in functions.values()]
    acts = set().union(*(entry for entry in listed if isinstance(entry, set)), ELSEWHERE)
    assert acts == set(Act)


REPOSITORY = Path(__file__).resolve().parents[2]
WRITES = {
    *("create", "bulk_create", "get_or_create", "update_or_create"),
    *("save", "update", "bulk_update", "delete"),
}


def writes(source: str) -> bool:
    """Whether something in it looks as if it wrote a row."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        for node in ast.walk(ast.parse(source))
    )


def test_who_writes_rows_is_a_service_or_says_why_not():
    found = {
        ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        for package in ("accounts", "triage", "demo")
        for path in (REPOSITORY / package).rglob("*.py")
        if "migrations" not in path.parts and writes(path.read_text())
    }
    assert found <= set(SERVICES) | set(BOOKKEEPING), (
        "A service writes; or say in BOOKKEEPING why not."
    )
    assert set(BOOKKEEPING) <= found, "This one writes nothing any more."
