"""A migration that locks a table in use, or that the running version can't live with, fails ``make lint``."""

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connections, migrations, models
from django.db.migrations.loader import MigrationLoader

from accounts.index_operations import AddIndexRepeatably
from lint.migrations import check, problems, statements, without_a_server, written_out

CHECK = models.CheckConstraint(condition=models.Q(priority__gte=0), name="case_tried")
INDEX = models.Index(fields=["site", "sex"], name="case_tried_too")


def found_in(*operations, atomic=True):
    migration = migrations.Migration("9999_tried", "triage")
    migration.operations, migration.atomic = list(operations), atomic
    loader = MigrationLoader(None, replace_migrations=False)
    state = loader.project_state(loader.graph.leaf_nodes("triage"))
    text = statements(migration, state, without_a_server())
    return problems({"triage.9999_tried": text}).get("triage.9999_tried", [])


@pytest.mark.parametrize(
    ("operation", "rule"),
    [
        (migrations.AddIndex("case", INDEX), "require-concurrent-index-creation"),
        (migrations.AddConstraint("case", CHECK), "constraint-missing-not-valid"),
        (migrations.RemoveField("case", "sex"), "ban-drop-column"),
        (
            migrations.AddField("case", "tried", models.IntegerField(default=0)),
            "ban-drop-default",
        ),
        (
            migrations.AddField(
                "case", "tried", models.ForeignKey("triage.Release", models.PROTECT, null=True)
            ),
            "adding-foreign-key-constraint",
        ),
        (migrations.AlterField("case", "sex", models.TextField()), "changing-column-type"),
        (
            migrations.AddConstraint("case", models.UniqueConstraint("sex", name="case_tried_one")),
            "require-concurrent-index-creation",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_locks_is_found(operation, rule):
    assert [fault for fault in found_in(operation) if fault.startswith(rule)]


@pytest.mark.parametrize(
    "operation",
    [
        AddConstraintNotValid("case", CHECK),
        migrations.AddField("case", "tried", models.IntegerField(null=True)),
        migrations.AddField("case", "tried", models.IntegerField(db_default=0)),
    ],
)
def test_what_locks_nothing_passes(operation):
    assert found_in(operation) == []


def test_an_index_may_be_made_beside_the_work():
    assert found_in(AddIndexRepeatably("case", INDEX), atomic=False) == []


def test_a_new_table_may_have_what_it_likes():
    table = migrations.CreateModel(
        "Tried",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("case", models.ForeignKey("triage.Case", models.PROTECT)),
            ("count", models.IntegerField(default=0)),
        ],
    )
    constraint = models.CheckConstraint(condition=models.Q(count__gte=0), name="tried_count")
    assert found_in(table, migrations.AddConstraint("tried", constraint)) == []


def test_every_migration_of_ours_is_read():
    texts = written_out()
    assert {"accounts.0001_initial", "triage.0001_initial"} <= texts.keys()
    assert not any(name.startswith(("auth.", "knox.")) for name in texts)
    assert "CREATE TABLE" in texts["triage.0001_initial"]


def test_only_a_migration_with_a_reason_may_lock():
    found = {"triage.9999_tried": ["ban-drop-column: …"]}
    assert not list(check(found, {"triage.9999_tried": "the table has ten rows"}))
    assert "ban-drop-column" in next(check(found, {}))
    assert "AddIndexRepeatably" in found_in(migrations.AddIndex("case", INDEX))[0]
    assert "no reason" in next(check(found, {"triage.9999_tried": ""}))
    assert "Take it out" in next(check({}, {"triage.9999_tried": "the table has ten rows"}))


def indexes_of(migration):
    operations = list(migration.operations)
    for one in operations:  # an operation may hold others
        operations += getattr(one, "database_operations", [])
    return [one for one in operations if isinstance(one, AddIndexConcurrently | migrations.RunSQL)]


def test_an_index_whose_build_failed_is_built_again():
    """Each is dropped first if it is there: PostgreSQL leaves one that nothing uses."""
    loader = MigrationLoader(None, replace_migrations=False)
    for (app, name), migration in loader.disk_migrations.items():
        if app not in ("accounts", "triage"):
            continue
        for one in indexes_of(migration):
            if isinstance(one, migrations.RunSQL):
                written = [one.sql] if isinstance(one.sql, str) else [*one.sql]
                built = [sql for sql in written if "INDEX CONCURRENTLY" in sql]
                assert not built or "IF EXISTS" in built[0], (app, name)
            else:
                assert isinstance(one, AddIndexRepeatably), (app, name)


@pytest.mark.usefixtures("committed_db")
def test_a_migration_of_an_index_can_be_run_again():
    loader = MigrationLoader(connections["owner"])
    before = loader.project_state(("triage", "0073_interim_given_is_carried_out"))
    migration = loader.get_migration("triage", "0074_sealed_cases")
    after = migration.mutate_state(before)
    with connections["owner"].schema_editor(atomic=False) as editor:
        for one in migration.operations:
            one.database_forwards("triage", editor, before, after)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'case_sealed'::regclass")
        assert cursor.fetchall() == [(True,)]
