"""The old cases hold what 0042 asks of new ones; few cases arrive or were refused, and are found by indexes."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("triage", "0042_arrival"),
    ]

    operations = [
        ValidateConstraint(model_name="case", name="case_open_or_ended"),
        ValidateConstraint(model_name="case", name="case_refused_says_why"),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(fields=["id"], condition=Q(state="arriving"), name="case_arriving"),
        ),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["sender", "-id"],
                condition=Q(state="refused", dismissed_at=None),
                name="case_refused_to_sender",
            ),
        ),
    ]
