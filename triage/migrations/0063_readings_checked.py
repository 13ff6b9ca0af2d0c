"""The indexes of 0062, and that old rows hold what it asks of new ones."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

from accounts.index_operations import AddIndexRepeatably

# A build that failed before left an index that nothing uses.
ONE_PER_STAGE = [
    "DROP INDEX CONCURRENTLY IF EXISTS review_is_one_per_stage_but_the_first;",
    "CREATE UNIQUE INDEX CONCURRENTLY review_is_one_per_stage_but_the_first "
    "ON triage_review (case_id, stage) WHERE supersedes_id IS NULL AND NOT (stage = 'first');",
]
ONE_PER_READER = [
    "DROP INDEX CONCURRENTLY IF EXISTS review_first_is_one_per_reader;",
    "CREATE UNIQUE INDEX CONCURRENTLY review_first_is_one_per_reader "
    "ON triage_review (case_id, reader_id) WHERE stage = 'first';",
]


class Migration(migrations.Migration):
    # An index is made beside all others' work; each check is a transaction of its own.
    atomic = False

    dependencies = [("triage", "0062_first_and_third_reading")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    ONE_PER_STAGE, "DROP INDEX CONCURRENTLY review_is_one_per_stage_but_the_first;"
                ),
                migrations.RunSQL(
                    ONE_PER_READER, "DROP INDEX CONCURRENTLY review_first_is_one_per_reader;"
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS review_is_one_per_stage_unless_it_corrects;",
                    "CREATE UNIQUE INDEX CONCURRENTLY review_is_one_per_stage_unless_it_corrects "
                    "ON triage_review (case_id, stage) WHERE supersedes_id IS NULL;",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint("review", "review_is_one_per_stage_unless_it_corrects"),
                migrations.AddConstraint(
                    "review",
                    models.UniqueConstraint(
                        fields=["case", "stage"],
                        condition=Q(supersedes=None) & ~Q(stage="first"),
                        name="review_is_one_per_stage_but_the_first",
                    ),
                ),
                migrations.AddConstraint(
                    "review",
                    models.UniqueConstraint(
                        fields=["case", "reader"],
                        condition=Q(stage="first"),
                        name="review_first_is_one_per_reader",
                    ),
                ),
            ],
        ),
        AddIndexRepeatably(
            "case",
            models.Index(
                fields=["site", "due_at", "id"],
                condition=Q(state="third"),
                name="case_third_by_deadline",
            ),
        ),
        ValidateConstraint("case", "case_open_or_ended"),
        ValidateConstraint("case", "case_sealed_says_nothing"),
        ValidateConstraint("case", "case_third_says_why"),
        ValidateConstraint("review", "review_first_is_blind_and_stays"),
        ValidateConstraint("readingrules", "reading_rules_model_is_sure"),
    ]
