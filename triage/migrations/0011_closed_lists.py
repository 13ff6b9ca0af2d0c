"""An index for each order of open cases, and for each filter of closed cases by closing time."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_audit_about_people"),
        ("triage", "0010_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_closing",
        ),
        migrations.AlterField(
            model_name="case",
            name="claimed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claimed_cases",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="accounts.site",
            ),
        ),
        migrations.AlterField(
            model_name="image",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.site",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "suspicion", "-predicted_class", "-confidence", "id"],
                name="case_by_class_turned",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "suspicion", "confidence", "id"],
                name="case_by_confidence_turned",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "-priority", "due_at", "id"],
                name="case_by_priority_turned",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("claimed_by__isnull", False)),
                fields=["claimed_by", "site"],
                name="case_by_reader",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["reviewed", "withdrawn"])),
                fields=["site", "state", "-closed_at", "id"],
                name="case_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["reviewed", "withdrawn"])),
                fields=["site", "state", "suspicion", "-closed_at", "id"],
                name="case_closed_by_finding",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["reviewed", "withdrawn"])),
                fields=["site", "state", "predicted_class", "-closed_at", "id"],
                name="case_closed_by_class",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["reviewed", "withdrawn"])),
                fields=["site", "state", "priority", "-closed_at", "id"],
                name="case_closed_by_priority",
            ),
        ),
    ]
