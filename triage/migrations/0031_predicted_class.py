"""One name for the model's class, ``predicted_class``, and for what it could not assess.

PostgreSQL only renames: no row is written. Django would drop the constraint that names a column and make it
anew, which reads every case, so the two sides are written apart.
"""

from django.db import migrations, models
from django.db.models import Q

CLASSES = [
    ("avulsion", "Avulsion"),
    ("comminuted", "Comminuted"),
    ("fracture_dislocation", "Fracture dislocation"),
    ("greenstick", "Greenstick"),
    ("hairline", "Hairline"),
    ("impacted", "Impacted"),
    ("longitudinal", "Longitudinal"),
    ("oblique", "Oblique"),
    ("pathological", "Pathological"),
    ("spiral", "Spiral"),
]
RENAMED = [
    ("triage_case RENAME COLUMN", "refused_images", "not_assessable_images"),
    (
        "triage_case RENAME CONSTRAINT",
        "triage_case_refused_images_check",
        "triage_case_not_assessable_images_check",
    ),
    ("triage_prediction RENAME COLUMN", "top_class", "predicted_class"),
]
NEGATIVE = "case_is_negative_only_as_a_whole"


class Migration(migrations.Migration):
    dependencies = [("triage", "0030_call")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE {what} {old} TO {new};", f"ALTER TABLE {what} {new} TO {old};"
                )
                for what, old, new in RENAMED
            ],
            state_operations=[
                migrations.RemoveConstraint("case", NEGATIVE),
                migrations.RenameField("case", "refused_images", "not_assessable_images"),
                migrations.AddConstraint(
                    "case",
                    models.CheckConstraint(
                        condition=~Q(call=2) | Q(unread_images=0, not_assessable_images=0),
                        name=NEGATIVE,
                    ),
                ),
                migrations.RenameField("prediction", "top_class", "predicted_class"),
            ],
        ),
        *(
            migrations.AlterField(
                model,
                "predicted_class",
                models.CharField(
                    blank=True, choices=CLASSES, max_length=24, verbose_name="predicted class"
                ),
            )
            for model in ("case", "waitrule")
        ),
    ]
