"""An answer that its sender called seen while it was hidden from them keeps its row: it is new once it is shown.

A correction is new again, hidden or not. The version before deletes the row, as it did before.
"""

from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION triage_new_answer() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO triage_newanswer (case_id, sender_id, review_id)
        SELECT DISTINCT ON (c.id) c.id, c.sender_id, t.id
        FROM new_rows AS t JOIN triage_case AS c ON c.id = t.case_id
        WHERE t.stage <> 'first'
        ORDER BY c.id, t.id DESC
        ON CONFLICT (case_id) DO UPDATE SET review_id = excluded.review_id%s;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0075_interim_given_of_before")]

    operations = [
        migrations.AddField(
            model_name="newanswer",
            name="seen_hidden",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(FUNCTION % ", seen_hidden = false", FUNCTION % ""),
    ]
