"""The points of a call are probabilities in their order: no row says what no page can show.

Not checked against old rows here: ``0020`` does that, in a transaction of its own, without a lock that stops
readers or writers.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0018_site_points")]

    operations = [
        AddConstraintNotValid(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("negative_below", None),
                    models.Q(
                        ("negative_below__gte", 0),
                        ("negative_below__lte", models.F("positive_from")),
                        ("positive_from__lte", 1),
                    ),
                    _connector="OR",
                ),
                name="prediction_points_are_in_order",
            ),
        ),
    ]
