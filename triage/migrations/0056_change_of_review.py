"""A closed case's row shows what was signed: a correction changes it, and no other row with it."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION triage_change_of_review() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO triage_change (site_id)
        SELECT DISTINCT c.site_id FROM new_rows AS t JOIN triage_case AS c ON c.id = t.case_id;
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER triage_change_insert AFTER INSERT ON triage_review REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION triage_change_of_review();
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0055_macro")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION triage_change_of_review();"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER triage_change_insert ON triage_review;"),
    ]
