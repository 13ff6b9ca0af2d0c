"""Intake asks of each case whether its site has a sealed one: an index of the few says so."""

from django.db import migrations, models

from accounts.index_operations import AddIndexRepeatably


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("triage", "0073_interim_given_is_carried_out")]

    operations = [
        AddIndexRepeatably(
            model_name="case",
            index=models.Index(
                fields=["site", "state"],
                condition=models.Q(
                    ("is_blind", True),
                    ("third_because", []),
                    models.Q(("state__in", ["third", "reviewed"]), _negated=True),
                ),
                name="case_sealed",
            ),
        ),
    ]
