"""The old readings hold what 0060 asks of new ones."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # Each check in a transaction of its own: it reads the whole table, and locks no reader and no writer out.
    atomic = False

    dependencies = [("triage", "0060_claim_ended")]

    operations = [
        ValidateConstraint(model_name="reading", name="reading_ended_by_another_says_who_and_why"),
        migrations.RunSQL(
            "ALTER TABLE triage_reading VALIDATE CONSTRAINT reading_was_ended_by_a_person;",
            migrations.RunSQL.noop,
        ),
    ]
