"""A draft may be of a correction. The version before saves drafts without it: they are of an opinion.

The index, and the look at old rows, are in the next migration, which stops nobody.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0076_seen_while_hidden")]

    operations = [
        # In the order in which a signature takes them: the other way round each could wait for the other.
        migrations.RunSQL(
            "LOCK TABLE triage_review IN SHARE ROW EXCLUSIVE MODE;", migrations.RunSQL.noop
        ),
        migrations.AddField(
            "draft",
            "corrects",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="triage.review",
            ),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE triage_draft ADD CONSTRAINT draft_corrects_a_review
                FOREIGN KEY (corrects_id) REFERENCES triage_review (id) NOT VALID;
            """,
            "ALTER TABLE triage_draft DROP CONSTRAINT draft_corrects_a_review;",
        ),
    ]
