"""Holds the rows that were there before to ``0019``'s constraint."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("triage", "0019_points_in_order")]

    operations = [
        ValidateConstraint(model_name="prediction", name="prediction_points_are_in_order"),
    ]
