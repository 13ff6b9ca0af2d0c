"""One word for what the model says: the column ``suspicion`` is ``call``, with its indexes and constraints.

PostgreSQL only renames: no row and no index is written. Django would drop the indexes and constraints that
name the column and make them anew, so it is told the outcome alone.
"""

from django.db import migrations, models
from django.db.models import Q

CALLS = [
    (0, "Fracture suspected"),
    (1, "In doubt"),
    (2, "No fracture seen"),
    (3, "Not assessable"),
    (4, "Not read by a model, or not yet"),
]
OPEN = Q(state__in=["received", "predicted", "failed"])
CLOSED = Q(state__in=["reviewed", "withdrawn"])
RENAMED_INDEXES = {
    "case_due_by_call": "case_due_by_finding",
    "case_closed_by_call": "case_closed_by_finding",
}
RENAMED_CONSTRAINTS = {
    "case_call_comes_from_a_prediction": "case_suspicion_comes_from_a_prediction",
    "triage_case_call_check": "triage_case_suspicion_check",
}
INDEXES = {
    "case_by_class": (["site", "call", "predicted_class", "-confidence", "id"], OPEN),
    "case_by_confidence": (["site", "call", "-confidence", "id"], OPEN),
    "case_due_by_call": (["site", "call", "due_at", "id"], OPEN),
    "case_by_class_turned": (["site", "call", "-predicted_class", "-confidence", "id"], OPEN),
    "case_by_confidence_turned": (["site", "call", "confidence", "id"], OPEN),
    "case_closed_by_call": (["site", "state", "call", "-closed_at", "id"], CLOSED),
}
CONSTRAINTS = {
    "case_class_is_of_a_suspected_fracture": Q(call__in=(0, 1)) & ~Q(predicted_class="")
    | ~Q(call__in=(0, 1)) & Q(predicted_class=""),
    "case_call_comes_from_a_prediction": Q(deciding_prediction=None, call=4)
    | Q(deciding_prediction__isnull=False) & ~Q(call=4),
    "case_is_negative_only_as_a_whole": ~Q(call=2) | Q(unread_images=0, refused_images=0),
}


class Migration(migrations.Migration):
    dependencies = [("triage", "0029_claims_are_readings")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE triage_case RENAME COLUMN suspicion TO call;",
                    "ALTER TABLE triage_case RENAME COLUMN call TO suspicion;",
                ),
                *(
                    migrations.RunSQL(
                        f"ALTER INDEX {old} RENAME TO {new};", f"ALTER INDEX {new} RENAME TO {old};"
                    )
                    for new, old in RENAMED_INDEXES.items()
                ),
                *(
                    migrations.RunSQL(
                        f"ALTER TABLE triage_case RENAME CONSTRAINT {old} TO {new};",
                        f"ALTER TABLE triage_case RENAME CONSTRAINT {new} TO {old};",
                    )
                    for new, old in RENAMED_CONSTRAINTS.items()
                ),
            ],
            state_operations=[
                *(
                    migrations.RemoveIndex("case", RENAMED_INDEXES.get(name, name))
                    for name in INDEXES
                ),
                *(
                    migrations.RemoveConstraint("case", RENAMED_CONSTRAINTS.get(name, name))
                    for name in CONSTRAINTS
                ),
                migrations.RenameField("case", "suspicion", "call"),
                migrations.AlterField(
                    "case",
                    "call",
                    models.PositiveSmallIntegerField(choices=CALLS, default=4, verbose_name="call"),
                ),
                *(
                    migrations.AddIndex(
                        "case", models.Index(fields=fields, condition=condition, name=name)
                    )
                    for name, (fields, condition) in INDEXES.items()
                ),
                *(
                    migrations.AddConstraint(
                        "case", models.CheckConstraint(condition=condition, name=name)
                    )
                    for name, condition in CONSTRAINTS.items()
                ),
            ],
        ),
    ]
