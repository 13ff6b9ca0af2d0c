"""The ready list "to call back" is counted beside the rows: an opened, moved or closed loop changes it."""

from django.db import migrations

EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}


class Migration(migrations.Migration):
    dependencies = [("triage", "0068_interim_given")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER triage_change_{event.lower()} AFTER {event} ON triage_callback "
            f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION triage_change_of_site();",
            f"DROP TRIGGER triage_change_{event.lower()} ON triage_callback;",
        )
        for event, rows in EVENTS.items()
    ]
