"""Open cases get their deadlines in the background, and once now: in doubt they waited too long."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Q

import accounts.identifiers

OPEN = ["received", "predicted", "failed"]


def ask_for_new_deadlines(apps: Any, schema_editor: Any) -> None:
    """One pass for each site with open cases; beat takes it up when the workers run again."""
    alias = schema_editor.connection.alias
    cases = apps.get_model("triage", "Case").objects.using(alias)
    redating = apps.get_model("triage", "Redating")
    sites = cases.filter(state__in=OPEN).order_by().values_list("site_id", flat=True).distinct()
    redating.objects.using(alias).bulk_create([redating(site_id=site_id) for site_id in sites])


class Migration(migrations.Migration):
    dependencies = [("triage", "0006_doubt_waits")]

    operations = [
        migrations.CreateModel(
            name="Redating",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "requested_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="requested"
                    ),
                ),
                ("cursor_received_at", models.DateTimeField(null=True)),
                ("cursor_id", models.UUIDField(null=True)),
                ("total", models.PositiveIntegerField(null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("superseded", models.BooleanField(default=False)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="redatings",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "re-dating",
                "verbose_name_plural": "re-datings",
                "indexes": [models.Index(fields=["site", "-requested_at"], name="redating_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(finished_at=None),
                        fields=("site",),
                        name="redating_is_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(changed__lte=F("done"))
                        & (Q(total=None) | Q(done__lte=F("total"))),
                        name="redating_counts_hold_together",
                    ),
                    models.CheckConstraint(
                        condition=Q(superseded=False) | Q(finished_at__isnull=False),
                        name="redating_superseded_is_finished",
                    ),
                    models.CheckConstraint(
                        condition=Q(cursor_received_at=None, cursor_id=None)
                        | Q(cursor_received_at__isnull=False, cursor_id__isnull=False),
                        name="redating_cursor_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunPython(ask_for_new_deadlines, migrations.RunPython.noop),
    ]
