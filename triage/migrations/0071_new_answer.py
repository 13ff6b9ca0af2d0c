"""What was signed is new to the sender of its case until they have seen exactly that opinion.

A trigger on reviews writes the rows: the version before, which still signs meanwhile, forgets none. It writes
as the owner, so that it can before the application's role has its rights on the table.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION triage_new_answer() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO triage_newanswer (case_id, sender_id, review_id)
        SELECT DISTINCT ON (c.id) c.id, c.sender_id, t.id
        FROM new_rows AS t JOIN triage_case AS c ON c.id = t.case_id
        WHERE t.stage <> 'first'
        ORDER BY c.id, t.id DESC
        ON CONFLICT (case_id) DO UPDATE SET review_id = excluded.review_id;
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER triage_new_answer AFTER INSERT ON triage_review REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION triage_new_answer();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0070_priority_change"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NewAnswer",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="new_answer",
                        serialize=False,
                        to="triage.case",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="triage.review",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "new answer",
                "verbose_name_plural": "new answers",
                "indexes": [
                    models.Index(fields=["sender", "-review"], name="new_answer_to_sender")
                ],
            },
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION triage_new_answer();"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER triage_new_answer ON triage_review;"),
    ]
