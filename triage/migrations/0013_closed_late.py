"""An index of the few cases that stayed open for long: days of arrival are found by closing time."""

import datetime
import django.db.models.expressions
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_audit_about_people"),
        ("triage", "0012_release_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["reviewed", "withdrawn"]),
                    django.db.models.lookups.GreaterThan(
                        django.db.models.expressions.CombinedExpression(
                            models.F("closed_at"), "-", models.F("received_at")
                        ),
                        datetime.timedelta(days=3),
                    ),
                ),
                fields=["site", "state", "-closed_at", "id"],
                name="case_closed_late",
            ),
        ),
    ]
