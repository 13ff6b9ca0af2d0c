"""A signed review is never changed: the database refuses it to everybody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_initial"), ("accounts", "0002_audit_chain")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TRIGGER triage_review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
                ON triage_review FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();
            """,
            "DROP TRIGGER triage_review_append_only ON triage_review;",
        )
    ]
