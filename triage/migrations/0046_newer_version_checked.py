"""The old cases hold what 0045 asks of new ones."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # Each check in a transaction of its own: it reads the whole table, and locks no reader and no writer out.
    atomic = False

    dependencies = [("triage", "0045_newer_version")]

    operations = [
        ValidateConstraint(model_name="case", name="case_withdrawn_says_who_and_why"),
        migrations.RunSQL(
            "ALTER TABLE triage_case VALIDATE CONSTRAINT case_is_replaced_at_its_site;",
            migrations.RunSQL.noop,
        ),
    ]
