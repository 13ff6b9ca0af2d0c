"""New migrations lock no table while the old version goes on: ``python -m lint.migrations``.

1. Each migration of ours is written out as the SQL that PostgreSQL would get. No server is needed.
2. squawk reads that SQL: an index without CONCURRENTLY, a constraint that is checked at once, a column that
   the running version can't do without.
3. What it says of a table that the same migration creates is left out: nobody uses that table yet.

What may lock is named in ``pyproject.toml``, with the reason. CONTRIBUTING.md says how to write it instead.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from psycopg import sql

REPOSITORY = Path(__file__).resolve().parents[1]
POSTGRESQL = 150000  # the oldest that Callus runs on; Django asks the server otherwise
# Django chooses types and statements, and the owner's connection has a lock time-out (config.settings.base).
NOT_ASKED = "prefer-text-field,prefer-bigint-over-int,prefer-bigint-over-smallint"
NOT_ASKED += ",prefer-robust-stmts,require-lock-timeout,require-statement-timeout"
# How Django says it. Other rules have squawk's own advice.
ADVICE = {
    "adding-foreign-key-constraint": "ForeignKey(db_constraint=False), then the constraint by RunSQL, NOT "
    "VALID, and VALIDATE CONSTRAINT in a migration of its own.",
    "ban-drop-default": "Give the field db_default: the running version inserts rows without the column.",
    "constraint-missing-not-valid": "AddConstraintNotValid, then ValidateConstraint in another migration.",
    "require-concurrent-index-creation": "AddIndexRepeatably and atomic = False.",
    "require-concurrent-index-deletion": "RemoveIndexConcurrently and atomic = False.",
}
LOCKS = (
    "locks a table or breaks the running version. Write it so that it doesn't, or name it in "
    "[tool.callus.locking_migrations] with the reason."
)
ABOUT = re.compile(r'(?:ALTER TABLE|\bON) (?:ONLY )?"?(\w+)"?')
CREATED = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?')


class AsksDatabase(Exception):
    """The SQL of a migration can't be printed because it depends on the database."""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    faults = list(check(problems(written_out()), project["tool"]["callus"]["locking_migrations"]))
    print("\n".join(faults) or "No new migration locks a table.")
    return bool(faults)


def written_out() -> dict[str, str | None]:
    """SQL of each migration of ours by name (``triage.0001_initial``); None if it asks the database."""
    connection = without_a_server()
    loader = MigrationLoader(None, replace_migrations=False)
    ours = [app.label for app in apps.get_app_configs() if Path(app.path).parent == REPOSITORY]
    texts: dict[str, str | None] = {}
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in ours:
            state = loader.project_state((app, name), at_end=False)
            texts[f"{app}.{name}"] = statements(migration, state, connection)
    return texts


def without_a_server() -> BaseDatabaseWrapper:
    """A connection that answers the questions of Django's SQL writer. Any other query raises AsksDatabase."""
    connection = connections.create_connection("default")
    vars(connection)["pg_version"] = POSTGRESQL

    def compose(query: str, params: Any) -> str:
        return query % tuple(sql.quote(value) for value in params) if params else query

    def refuse() -> None:
        raise AsksDatabase

    connection.ops.compose_sql = compose  # type: ignore[attr-defined]
    connection.ensure_connection = refuse  # type: ignore[method-assign]
    return connection


def statements(
    migration: Migration, state: ProjectState, connection: BaseDatabaseWrapper
) -> str | None:
    try:
        # Not atomic: a transaction would need a connection. A BEGIN line says it to Squawk instead.
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            migration.apply(state, editor, collect_sql=True)
    except AsksDatabase:
        return None
    lines = [line for line in editor.collected_sql if isinstance(line, str)]
    return "\n".join(["BEGIN;", *lines, "COMMIT;"] if migration.atomic else lines) + "\n"


def problems(texts: dict[str, str | None]) -> dict[str, list[str]]:
    """What squawk finds, by name of the migration."""
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            if text is None:
                found[name] = ["asks the database before it can say its SQL"]
            else:
                Path(folder, f"{name}.sql").write_text(text)
        for warning in _squawk(folder):
            name = Path(warning["file"]).stem
            lines = (texts[name] or "").splitlines()
            if not _about_a_new_table(lines, warning["line"]):
                found.setdefault(name, []).append(_sentence(warning, lines))
    return found


def check(found: dict[str, list[str]], excused: dict[str, str]) -> Iterator[str]:
    """A sentence for each migration that locks, and for each exception without use or reason."""
    for name, faults in sorted(found.items()):
        if name not in excused:
            yield "\n  ".join([f"{name} {LOCKS}", *faults])
    for name, reason in sorted(excused.items()):
        if name not in found:
            yield f"{name}: locks nothing. Take it out of [tool.callus.locking_migrations]."
        elif not reason.strip():
            yield f"{name}: [tool.callus.locking_migrations] gives no reason."


def _squawk(folder: str) -> list[dict[str, Any]]:
    squawk = Path(sys.executable).with_name("squawk")
    files = sorted(map(str, Path(folder).glob("*.sql")))
    command = [str(squawk), "--reporter", "json", "--exclude", NOT_ASKED, "--pg-version", "15"]
    result = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    if not result.stdout:  # it exits with 1 when it has found something
        raise SystemExit(f"squawk failed: {result.stderr}")
    return json.loads(result.stdout)


def _sentence(warning: dict[str, Any], lines: list[str]) -> str:
    rule = warning["rule_name"]
    advice = ADVICE.get(rule) or warning["help"] or warning["message"]
    return f"{rule}: {lines[warning['line']].strip()}\n    {advice}"


def _about_a_new_table(lines: list[str], line: int) -> bool:
    """Whether line number ``line``, from 0, changes a table that the same SQL creates."""
    about = ABOUT.search(lines[line])
    return about is not None and about[1] in CREATED.findall("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
