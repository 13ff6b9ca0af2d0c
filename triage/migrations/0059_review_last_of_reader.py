"""What a reader signed last is found by an index."""

from django.db import migrations, models

from accounts.index_operations import AddIndexRepeatably


class Migration(migrations.Migration):
    atomic = False  # an index is built beside the running site

    dependencies = [("triage", "0058_skip")]

    operations = [
        AddIndexRepeatably(
            "review",
            models.Index(
                condition=models.Q(supersedes=None),
                fields=["reader", "-id"],
                name="review_last_of_reader",
            ),
        ),
    ]
