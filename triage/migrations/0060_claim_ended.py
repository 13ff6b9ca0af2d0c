"""Who ended another reader's claim, and why."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_outbox_loss"),
        ("triage", "0059_review_last_of_reader"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="ended_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reading",
            name="ended_reason",
            field=models.TextField(
                blank=True,
                db_default="",
                validators=[django.core.validators.MaxLengthValidator(500)],
                verbose_name="reason",
            ),
        ),
        migrations.AlterField(
            model_name="reading",
            name="ended",
            field=models.CharField(
                blank=True,
                choices=[
                    ("signed", "Signed"),
                    ("released", "Released by the reader"),
                    ("lapsed", "The claim ran out"),
                    ("withdrawn", "The case was withdrawn"),
                    ("taken_over", "Another reader took the case over"),
                    ("by_lead", "Ended by a lead of the site"),
                ],
                max_length=12,
                verbose_name="why it ended",
            ),
        ),
        AddConstraintNotValid(
            model_name="reading",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended__in", ["taken_over", "by_lead"]),
                        ("ended_by__isnull", False),
                        models.Q(("ended_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("ended__in", ["taken_over", "by_lead"]), _negated=True),
                        ("ended_by", None),
                        ("ended_reason", ""),
                    ),
                    _connector="OR",
                ),
                name="reading_ended_by_another_says_who_and_why",
            ),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE triage_reading ADD CONSTRAINT reading_was_ended_by_a_person
                FOREIGN KEY (ended_by_id) REFERENCES accounts_user (id) NOT VALID;
            """,
            "ALTER TABLE triage_reading DROP CONSTRAINT reading_was_ended_by_a_person;",
        ),
    ]
