"""What a reader signed last is found by an index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built beside the running site

    dependencies = [("triage", "0058_skip")]

    operations = [
        AddIndexConcurrently(
            "review",
            models.Index(
                condition=models.Q(supersedes=None),
                fields=["reader", "-id"],
                name="review_last_of_reader",
            ),
        ),
    ]
