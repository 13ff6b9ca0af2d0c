"""The rights of the application's database role: it may read and write rows, but not rewrite history."""

from django.conf import settings
from django.db import connections
from psycopg import sql

# What a signed opinion is about, and who read it. The rows change while the work goes on; a reading that has
# ended doesn't any more, nor a call-back: triggers hold that, since a right knows no rows.
NEVER_DELETED = (
    "triage_case",
    "triage_prediction",
    "triage_reading",
    "triage_callback",
    "triage_criticalresult",
    "triage_notice",
)
# Studies and series too: what a header said stands beside a signed opinion.
APPEND_ONLY = (
    *("accounts_auditentry", "triage_review", "triage_sitepoints"),
    *("triage_study", "triage_series", "triage_newerversion"),
    *("triage_interimopinion", "triage_callbackattempt", "triage_prioritychange"),
)
# A trigger of the audit trail writes it, as the owner: a message without an event can't be made.
BY_TRIGGER = ("accounts_outboxmessage",)
# What a consumer of the outbox writes. Never which event a message is of: one with the id of an entry to come
# would refuse that entry, and with it every act.
OF_CONSUMERS = "attempts, claimed_until, delivered_at"


def grant_to_application(alias: str) -> None:
    """Grants the role of the default connection its rights on all tables.

    Runs after each ``migrate`` as the owner; on the application's own connection it does nothing,
    since a role can't grant itself what it doesn't own.
    """
    if alias != "owner":
        return
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [settings.DATABASES["default"]["USER"]])
        if cursor.fetchone()[0]:
            return
        statements = [
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
            sql.SQL(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}"
            ).format(role),
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
            # Only the owner migrates: docs/decisions/0001-two-database-roles.md.
            sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(role),
        ]
        withheld = {
            **dict.fromkeys(APPEND_ONLY, "UPDATE, DELETE, TRUNCATE"),
            **dict.fromkeys(NEVER_DELETED, "DELETE, TRUNCATE"),
            **dict.fromkeys(BY_TRIGGER, "INSERT, UPDATE, TRUNCATE"),
        }
        for table, rights in withheld.items():
            # A migrate up to an earlier migration, or of one app, may leave a table not made yet.
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone()[0]:
                revoke = sql.SQL("REVOKE {} ON {} FROM {}")
                statements.append(revoke.format(sql.SQL(rights), sql.Identifier(table), role))
                if table in BY_TRIGGER:
                    grant = sql.SQL("GRANT UPDATE ({}) ON {} TO {}")
                    columns = sql.SQL(OF_CONSUMERS)
                    statements.append(grant.format(columns, sql.Identifier(table), role))
        for statement in statements:
            cursor.execute(statement.as_string(cursor.connection))
