"""Every write that a worklist's row shows leaves a row in triage_change: see docs/decisions/0013."""

import django.contrib.postgres.functions
from django.db import migrations, models

# SECURITY DEFINER: the application's role gets its rights on a new table only when all migrations have
# run, and what it writes meanwhile, in a rolling upgrade, must not fail. A function is compiled for
# each table that it is a trigger of, so old_rows and new_rows may have any columns.
FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO triage_change (site_id) SELECT DISTINCT {site} FROM new_rows AS t {join};
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO triage_change (site_id) SELECT DISTINCT {site} FROM old_rows AS t {join};
    ELSE
        INSERT INTO triage_change (site_id)
            SELECT {site} FROM old_rows AS t {join} UNION SELECT {site} FROM new_rows AS t {join};
    END IF;
    RETURN NULL;
END $$;
"""

# The name of a person may stand in any list, and a release's words too. A sign-in writes last_login,
# which stands nowhere: without the comparison every sign-in would send every open list again.
OF_EVERY_SITE = """
CREATE FUNCTION triage_change_of_every_site() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM old_rows AS o JOIN new_rows AS n USING (id)
        WHERE to_jsonb(o) - 'last_login' - 'password' IS DISTINCT FROM
              to_jsonb(n) - 'last_login' - 'password'
    ) THEN
        INSERT INTO triage_change (site_id) VALUES ('00000000-0000-0000-0000-000000000000');
    END IF;
    RETURN NULL;
END $$;
"""

FUNCTIONS = {
    "triage_change_of_site": {"site": "t.site_id", "join": ""},
    "triage_change_of_site_itself": {"site": "t.id", "join": ""},
    "triage_change_of_prediction": {
        "site": "i.site_id",
        "join": "JOIN triage_image AS i ON i.id = t.image_id",
    },
}

TABLES = {
    "triage_case": "triage_change_of_site",
    "triage_image": "triage_change_of_site",
    "accounts_membership": "triage_change_of_site",
    "accounts_site": "triage_change_of_site_itself",
    "triage_prediction": "triage_change_of_prediction",
}

EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def _trigger(table: str, event: str, function: str) -> migrations.RunSQL:
    """A trigger with transition tables takes one event, and fires once a statement."""
    name = f"triage_change_{event.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {EVENTS[event]} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();",
        f"DROP TRIGGER {name} ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0009_disclosure"),
        ("accounts", "0004_audit_about_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("site_id", models.UUIDField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["site_id"], include=["id"], name="change_of_site")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["claimed_until"],
                condition=models.Q(claimed_until__isnull=False),
                name="case_claims",
            ),
        ),
        *(
            migrations.RunSQL(FUNCTION.format(name=name, **parts), f"DROP FUNCTION {name}();")
            for name, parts in FUNCTIONS.items()
        ),
        migrations.RunSQL(OF_EVERY_SITE, "DROP FUNCTION triage_change_of_every_site();"),
        *(_trigger(table, event, name) for table, name in TABLES.items() for event in EVENTS),
        _trigger("accounts_user", "UPDATE", "triage_change_of_every_site"),
        _trigger("triage_release", "UPDATE", "triage_change_of_every_site"),
    ]
