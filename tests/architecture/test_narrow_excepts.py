"""Around a service only its refusals are caught: anything wider hides our own faults as refusals."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TRANSLATORS = [
    *sorted((REPOSITORY / "triage" / "web").glob("*.py")),
    *sorted((REPOSITORY / "triage" / "api").glob("*.py")),
    REPOSITORY / "accounts" / "views.py",
]
# How the classes of accounts/refusals.py are named: what a service refuses is one of them.
REFUSALS = ("Refused", "Conflict")
# Modules whose functions act on rows.
SERVICES = (
    "accounts.services",
    "triage.inference.services",
    "triage.intake.services",
    "triage.review",
    "triage.worklist.wait_rules",
)


def acts(tree: ast.Module) -> set[str]:
    """The names under which a module knows services and modules of services."""
    return {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(SERVICES)
        for name in node.names
    }


def caught(handler: ast.ExceptHandler) -> list[str]:
    if handler.type is None:
        return ["everything"]
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [ast.unparse(kind) for kind in kinds]


def wide(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    services = acts(tree)
    for block in (node for node in ast.walk(tree) if isinstance(node, ast.Try)):
        called = {
            name.id
            for statement in block.body
            for name in ast.walk(statement)
            if isinstance(name, ast.Name) and name.id in services
        }
        for handler in block.handlers:
            if called and not all(kind.endswith(REFUSALS) for kind in caught(handler)):
                yield f"line {handler.lineno}: {caught(handler)} around {sorted(called)}"


@pytest.mark.parametrize("path", TRANSLATORS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_only_refusals_are_caught_around_a_service(path):
    assert list(wide(path.read_text())) == []


def test_the_rule_sees_a_wide_except():
    source = (
        "from triage.review.services import sign\ntry:\n    sign()\nexcept (Refused, {}):\n    pass"
    )
    assert list(wide(source.format("ValueError")))
    assert not list(wide(source.format("Refused")))
