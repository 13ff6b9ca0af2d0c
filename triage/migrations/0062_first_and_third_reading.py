"""First readings of blind cases, and third readers: what their rows say.

Indexes and the looks at old rows are in the next migration, which stops nobody.
"""

import django.contrib.postgres.fields
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

STATES = [
    ("arriving", "Arriving"),
    ("refused", "Refused"),
    ("received", "Waiting for the model"),
    ("predicted", "Waiting for a reader"),
    ("failed", "Model failed, read without it"),
    ("third", "Waiting for a third reader"),
    ("reviewed", "Reviewed"),
    ("withdrawn", "Withdrawn"),
]
DIFFERS = [
    ("first", "the first reading"),
    ("interim", "the interim opinion"),
    ("model", "what the model is sure of"),
]
UNENDED = Q(state__in=["received", "predicted", "failed"]) | Q(state="third") | Q(state="arriving")
# As before, but for the new state.
ENDED = AddConstraintNotValid(
    model_name="case",
    constraint=models.CheckConstraint(
        condition=(UNENDED & Q(closed_at=None)) | (~UNENDED & Q(closed_at__isnull=False)),
        name="case_open_or_ended",
    ),
)
SEALED = AddConstraintNotValid(
    model_name="case",
    constraint=models.CheckConstraint(
        condition=~(Q(is_blind=True, third_because=[]) & ~Q(state__in=["third", "reviewed"]))
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
THIRD = AddConstraintNotValid(
    model_name="case",
    constraint=models.CheckConstraint(
        condition=~Q(state="third") | Q(third_because__len__gt=0), name="case_third_says_why"
    ),
)
FIRST = AddConstraintNotValid(
    model_name="review",
    constraint=models.CheckConstraint(
        condition=~Q(stage="first") | Q(prediction=None, supersedes=None, switched=None),
        name="review_first_is_blind_and_stays",
    ),
)
SURE = AddConstraintNotValid(
    model_name="readingrules",
    constraint=models.CheckConstraint(
        condition=Q(third_model_percent=None)
        | Q(third_model_percent__gt=50, third_model_percent__lte=100),
        name="reading_rules_model_is_sure",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("triage", "0061_claim_ended_checked")]

    operations = [
        migrations.AlterField(
            "case", "state", models.CharField("state", max_length=12, choices=STATES)
        ),
        migrations.AddField(
            "case",
            "third_because",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=DIFFERS, max_length=8),
                blank=True,
                db_default=[],
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            "review",
            "stage",
            models.CharField(
                "stage",
                max_length=16,
                choices=[
                    ("first", "First reading"),
                    ("second_opinion", "Second opinion"),
                    ("third", "Third reading"),
                ],
            ),
        ),
        migrations.AddField(
            "review",
            "switched",
            models.BooleanField("differs from the first reading", null=True),
        ),
        migrations.AddField(
            "readingrules",
            "third_if_first_differs",
            models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            "readingrules",
            "third_if_interim_differs",
            models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            "readingrules", "third_model_percent", models.PositiveSmallIntegerField(null=True)
        ),
        migrations.RemoveConstraint("case", "case_open_or_ended"),
        ENDED,
        migrations.RemoveConstraint("case", "case_sealed_says_nothing"),
        SEALED,
        THIRD,
        FIRST,
        SURE,
    ]
