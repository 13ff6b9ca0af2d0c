"""History is refused to everybody: a reading that has ended, studies and series, and deleting a case."""

from django.db import migrations

# What a reading is of stays as it began. Of one that goes on, the claim is renewed and the end is written;
# after that nothing is. Its site is the case's: ``reading_is_of_its_cases_site``.
READING = """
CREATE FUNCTION triage_reading_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'reading % is history', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER triage_reading_ended BEFORE UPDATE ON triage_reading FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL
        OR (OLD.id, OLD.case_id, OLD.reader_id, OLD.opened_at)
            IS DISTINCT FROM (NEW.id, NEW.case_id, NEW.reader_id, NEW.opened_at))
    EXECUTE FUNCTION triage_reading_is_history();
"""
READING_BACK = """
DROP TRIGGER triage_reading_ended ON triage_reading;
DROP FUNCTION triage_reading_is_history();
"""


def refuse(events: str, table: str) -> migrations.RunSQL:
    name = f"{table}_append_only"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE {events} "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();",
        f"DROP TRIGGER {name} ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("triage", "0031_predicted_class")]

    operations = [
        migrations.RunSQL(READING, READING_BACK),
        # By right they were so before; now an owner's slip is refused too, as everywhere in history.
        refuse("UPDATE OR DELETE OR TRUNCATE", "triage_study"),
        refuse("UPDATE OR DELETE OR TRUNCATE", "triage_series"),
        # References protect a row while something refers to it. A case without a review is history too.
        refuse("DELETE OR TRUNCATE", "triage_case"),
        refuse("DELETE OR TRUNCATE", "triage_prediction"),
        refuse("DELETE OR TRUNCATE", "triage_reading"),
    ]
