"""Who changed the priority of a case, when, and why: append-only."""

import accounts.identifiers
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0069_change_of_call_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PriorityChange",
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
                    "changed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="changed"
                    ),
                ),
                (
                    "old_priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Stat"), (1, "Urgent"), (2, "Routine")], verbose_name="before"
                    ),
                ),
                (
                    "new_priority",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Stat"), (1, "Urgent"), (2, "Routine")], verbose_name="after"
                    ),
                ),
                (
                    "reason",
                    models.TextField(
                        validators=[django.core.validators.MaxLengthValidator(500)],
                        verbose_name="reason",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="priority_changes",
                        to="triage.case",
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "change of priority",
                "verbose_name_plural": "changes of priority",
                "ordering": ["changed_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("old_priority", models.F("new_priority")), _negated=True
                        ),
                        name="priority_change_changes_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="priority_change_says_why",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER triage_prioritychange_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON triage_prioritychange FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();",
            "DROP TRIGGER triage_prioritychange_append_only ON triage_prioritychange;",
        ),
    ]
