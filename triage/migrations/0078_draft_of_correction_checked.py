"""One draft for an opinion, and one for each correction. The wider rule is there before the old one goes."""

from django.db import migrations, models

# A build that failed before left an index that nothing uses.
ONE_EACH = [
    "DROP INDEX CONCURRENTLY IF EXISTS draft_is_one_per_opinion_and_correction;",
    "CREATE UNIQUE INDEX CONCURRENTLY draft_is_one_per_opinion_and_correction "
    "ON triage_draft (reader_id, case_id, corrects_id) NULLS NOT DISTINCT;",
]


class Migration(migrations.Migration):
    # An index is made beside all others' work; each check is a transaction of its own.
    atomic = False

    dependencies = [("triage", "0077_draft_of_correction")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    ONE_EACH,
                    "DROP INDEX CONCURRENTLY draft_is_one_per_opinion_and_correction;",
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    "draft",
                    models.UniqueConstraint(
                        fields=["reader", "case", "corrects"],
                        nulls_distinct=False,
                        name="draft_is_one_per_opinion_and_correction",
                    ),
                )
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE triage_draft VALIDATE CONSTRAINT draft_corrects_a_review;",
            migrations.RunSQL.noop,
        ),
        # Each step can be done again, since whatever ends this migration in between leaves it to the next run.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE triage_draft DROP CONSTRAINT IF EXISTS draft_is_one_per_reader_and_case;",
                    "ALTER TABLE triage_draft ADD CONSTRAINT draft_is_one_per_reader_and_case "
                    "UNIQUE (reader_id, case_id);",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("draft", "draft_is_one_per_reader_and_case")
            ],
        ),
    ]
