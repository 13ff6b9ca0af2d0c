"""Audit entries and outbox messages come from ``emit`` alone, and nobody changes an entry."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for package in ("accounts", "triage", "config", "demo", "localservices")
    for path in (REPOSITORY / package).rglob("*.py")
    if "migrations" not in path.parts
)
MODELS = {"AuditEntry", "OutboxMessage"}
MAKES = {"create", "get_or_create", "update_or_create", "bulk_create", "save"}
CHANGES = {"update", "delete", "bulk_update"}
SQL = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE)\s+accounts_(audit|outbox)", re.I)
# path → what it may do: ``emit`` itself, and the outbox's own bookkeeping of deliveries.
WRITERS = {
    "accounts/services/events.py": {"create", "bulk_create"},
    "accounts/services/outbox.py": {"update", "delete"},
}


def writes(source: str) -> Iterator[tuple[int, str]]:
    """(line, what) of each place that makes, changes or deletes a row of the two tables."""
    for statement in _statements(ast.parse(source)):
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
        if not names & MODELS:
            continue
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in MODELS:
                yield node.lineno, "create"
            elif isinstance(node.func, ast.Attribute) and node.func.attr in MAKES | CHANGES:
                yield node.lineno, node.func.attr
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and SQL.search(node.value)
        ):
            yield node.lineno, "SQL"


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Functions as a whole: a queryset that is named in one line may be written in the next."""
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from inner


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_only_emit_writes_events(path):
    allowed = WRITERS.get(str(path.relative_to(REPOSITORY)), set())
    found = [(line, what) for line, what in writes(path.read_text()) if what not in allowed]
    assert found == [], "Go through accounts.services.events.emit."


@pytest.mark.parametrize(
    "source",
    [
        "AuditEntry.objects.create(verb='x')",
        "def f():\n    entry = AuditEntry(verb='x')\n    entry.save()",
        "def f():\n    rows = models.OutboxMessage.objects\n    rows.bulk_create([])",
        "def f():\n    rows = AuditEntry.objects.filter()\n    rows.update(verb='y')",
        "SQL = 'INSERT INTO accounts_auditentry (verb) VALUES (1)'",
        "SQL = 'delete from accounts_outboxmessage'",
    ],
)
def test_the_rule_sees_another_writer(source):
    assert list(writes(source))


def test_the_rule_lets_readers_be():
    assert not list(
        writes("def f():\n    return AuditEntry.objects.filter(verb='x').order_by('id')")
    )
