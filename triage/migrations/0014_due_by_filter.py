"""A rare state, finding or class among thousands of open cases is found without reading the others."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_sign_in_tries"),
        ("triage", "0013_closed_late"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "state", "due_at", "id"],
                name="case_due_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "suspicion", "due_at", "id"],
                name="case_due_by_finding",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "predicted_class", "due_at", "id"],
                name="case_due_by_class",
            ),
        ),
    ]
