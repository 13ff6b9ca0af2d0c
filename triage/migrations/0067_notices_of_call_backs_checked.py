"""The indexes of 0066, and that old rows hold what it asks of new ones."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

from accounts.index_operations import AddIndexRepeatably

# A build that failed before left an index that nothing uses.
ONE_PER_STEP = [
    "DROP INDEX CONCURRENTLY IF EXISTS notice_is_one_per_person_and_call_back_step;",
    "CREATE UNIQUE INDEX CONCURRENTLY notice_is_one_per_person_and_call_back_step "
    "ON triage_notice (call_back_id, step, person_id);",
]


class Migration(migrations.Migration):
    # An index is made beside all others' work; each check is a transaction of its own.
    atomic = False

    dependencies = [("triage", "0066_notices_of_call_backs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    ONE_PER_STEP,
                    "DROP INDEX CONCURRENTLY notice_is_one_per_person_and_call_back_step;",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    "notice",
                    models.UniqueConstraint(
                        fields=["call_back", "step", "person"],
                        name="notice_is_one_per_person_and_call_back_step",
                    ),
                )
            ],
        ),
        AddIndexRepeatably(
            "callback",
            models.Index(
                fields=["next_at"],
                condition=Q(closed_at=None, next_at__isnull=False),
                name="call_back_next",
            ),
        ),
        ValidateConstraint("notice", "notice_is_about_one_thing"),
        migrations.RunSQL(
            "ALTER TABLE triage_notice VALIDATE CONSTRAINT notice_is_about_a_call_back;",
            migrations.RunSQL.noop,
        ),
    ]
