"""Reviews of before get their ``fracture`` and ``agrees``, and everything is held to 0051's constraints.

The table refuses every UPDATE, the owner's too. Each chunk lifts that for its own short transaction, in which
nobody else can write a review. What was signed stays as it is: only what follows from it is added.
"""

from typing import Any

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, transaction

CHUNK = 5000
FILL = """
UPDATE triage_review AS review
SET agrees = opinion = 'agree',
    fracture = CASE
        WHEN cardinality(classes) > 0 THEN 'certain'
        WHEN opinion IN ('no_fracture', 'not_assessable') THEN replace(opinion, 'no_fracture', 'none')
        WHEN (SELECT assessable FROM triage_prediction WHERE id = review.prediction_id) THEN 'none'
        ELSE 'not_assessable' END
WHERE id IN (SELECT id FROM triage_review WHERE fracture = '' LIMIT %s)
"""
RULES = (
    "review_says_whether_there_is_a_fracture",
    "review_names_types_of_a_fracture",
    "review_says_displaced_of_a_fracture",
    "review_says_old_of_a_fracture",
    "review_places_are_of_a_fracture",
    "review_places_lie_on_a_picture",
    "review_places_are_few",
    "review_agrees_with_what_a_model_says",
)


def fill(apps: Any, schema_editor: Any) -> None:
    connection, filled = schema_editor.connection, CHUNK
    while filled == CHUNK:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE triage_review DISABLE TRIGGER triage_review_append_only")
            cursor.execute(FILL, [CHUNK])
            filled = cursor.rowcount
            cursor.execute("ALTER TABLE triage_review ENABLE TRIGGER triage_review_append_only")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("triage", "0051_opinion_of_several_answers")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(ValidateConstraint(model_name="review", name=name) for name in RULES),
    ]
