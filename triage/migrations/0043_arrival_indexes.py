"""The old cases hold what 0042 asks of new ones; few cases arrive or were refused, and are found by indexes."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

from accounts.index_operations import AddIndexRepeatably


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("triage", "0042_arrival"),
    ]

    operations = [
        ValidateConstraint(model_name="case", name="case_open_or_ended"),
        ValidateConstraint(model_name="case", name="case_refused_says_why"),
        AddIndexRepeatably(
            model_name="case",
            index=models.Index(fields=["id"], condition=Q(state="arriving"), name="case_arriving"),
        ),
        AddIndexRepeatably(
            model_name="case",
            index=models.Index(
                fields=["sender", "-id"],
                condition=Q(state="refused", dismissed_at=None),
                name="case_refused_to_sender",
            ),
        ),
    ]
