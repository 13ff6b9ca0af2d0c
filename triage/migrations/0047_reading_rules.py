"""A site says which of its cases are read blind first. Cases of before are not blind.

The look at the old rows is in the next migration, which stops nobody.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

import accounts.identifiers

# As before, but for a blind case: its row doesn't say which prediction decides.
PREDICTED = AddConstraintNotValid(
    model_name="case",
    constraint=models.CheckConstraint(
        condition=~Q(state="predicted")
        | Q(deciding_prediction__isnull=False)
        | ~Q(unread_code="")
        | Q(is_blind=True),
        name="case_predicted_has_a_prediction_or_none_to_come",
    ),
)
SEALED = AddConstraintNotValid(
    model_name="case",
    constraint=models.CheckConstraint(
        condition=~(Q(is_blind=True) & ~Q(state__in=["reviewed"]))
        | Q(
            due_at=F("priority_due_at"),
            call=4,
            deciding_prediction=None,
            unread_code="",
            unread_images=0,
            not_assessable_images=0,
        ),
        name="case_sealed_says_nothing",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("triage", "0046_newer_version_checked"), ("accounts", "0007_outbox_loss")]

    operations = [
        migrations.CreateModel(
            name="ReadingRules",
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
                    "blind_percent",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="cases that are read blind first"
                    ),
                ),
                (
                    "site",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reading_rules",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "reading rules",
                "verbose_name_plural": "reading rules",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(blind_percent__gte=0, blind_percent__lte=100),
                        name="reading_rules_share_is_a_percentage",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="is_blind",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="read blind first"
            ),
        ),
        migrations.RemoveConstraint(
            model_name="case", name="case_predicted_has_a_prediction_or_none_to_come"
        ),
        PREDICTED,
        SEALED,
    ]
