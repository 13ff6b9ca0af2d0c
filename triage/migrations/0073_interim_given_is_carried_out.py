"""A case keeps no interim opinion in its row once it is decided: whoever decides it has recorded it, or fails.

An intake worker of the version before doesn't know the column and would leave the opinion behind, unseen. It
fails now, so the case arrives until a newer one decides it. A constraint would do the same, but its error has
the whole row, and the log must not.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION triage_interim_given_is_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The interim opinion that was sent along with case % is not recorded.', NEW.id
        USING ERRCODE = 'check_violation',
        HINT = 'An older intake worker runs. A newer one decides the case within seconds.';
END $$;
"""
TRIGGER = """
CREATE TRIGGER triage_interim_given_is_left BEFORE INSERT OR UPDATE OF state, interim_given ON triage_case
    FOR EACH ROW WHEN (NEW.interim_given IS NOT NULL AND NEW.state <> 'arriving')
    EXECUTE FUNCTION triage_interim_given_is_left();
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0072_new_answers_of_before")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION triage_interim_given_is_left();"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER triage_interim_given_is_left ON triage_case;"),
    ]
