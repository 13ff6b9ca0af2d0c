"""The old cases hold what 0047 asks of new ones."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # Each check in a transaction of its own: it reads the whole table, and locks no reader and no writer out.
    atomic = False

    dependencies = [("triage", "0047_reading_rules")]

    operations = [
        ValidateConstraint(
            model_name="case", name="case_predicted_has_a_prediction_or_none_to_come"
        ),
        ValidateConstraint(model_name="case", name="case_sealed_says_nothing"),
    ]
