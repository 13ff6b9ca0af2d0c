"""What 0073 refuses is carried out for the cases that were decided before it.

An older intake worker had left the sender's interim opinion in the row of the case, unseen, and since 0073
nobody could sign or withdraw such a case. The opinion is recorded as of the arrival; that of a refused case
is dropped, as it is today. Few rows, if any: the trigger lets no more come, and no version that was released
had the column (0068) without it.

No call-back is opened: of a case that was signed already, nothing compares the opinion with what was signed.
Who reads the case sees both.
"""

from django.db import migrations

CARRY_OUT = """
INSERT INTO triage_interimopinion
    (id, case_id, author_id, interim_fracture, treated_as, note, recorded_at)
    SELECT gen_random_uuid(), id, sender_id, interim_given ->> 'interim_fracture',
        interim_given ->> 'treated_as', coalesce(interim_given ->> 'note', ''), received_at
    FROM triage_case
    WHERE interim_given IS NOT NULL AND state NOT IN ('arriving', 'refused')
    ORDER BY id;
UPDATE triage_case SET interim_given = NULL
    WHERE interim_given IS NOT NULL AND state <> 'arriving';
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0074_sealed_cases")]

    operations = [migrations.RunSQL(CARRY_OUT, migrations.RunSQL.noop)]
