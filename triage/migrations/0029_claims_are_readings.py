"""The claims that run become readings; the columns that they were overwritten in are dropped.

Nobody kept when a claim began: it was taken or renewed a lease ago at the latest, and a lease is a quarter of
an hour unless the installation says otherwise. A claim that has run out meant nothing and is left behind.
"""

from django.db import migrations

CARRY_OVER = """
    INSERT INTO triage_reading
        (id, case_id, site_id, reader_id, opened_at, claimed_until, ended)
    SELECT gen_random_uuid(), id, site_id, claimed_by_id,
        least(now(), claimed_until - interval '15 minutes'), claimed_until, ''
    FROM triage_case
    WHERE claimed_by_id IS NOT NULL AND claimed_until > now()
        AND state IN ('received', 'predicted', 'failed');
    -- The rows' foreign keys are deferred: look at them now, since the table of cases changes below.
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0028_reading")]

    operations = [
        migrations.RunSQL(CARRY_OVER, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="case", name="case_claim_is_whole"),
        migrations.RemoveIndex(model_name="case", name="case_by_reader"),
        migrations.RemoveIndex(model_name="case", name="case_claims"),
        migrations.RemoveField(model_name="case", name="claimed_by"),
        migrations.RemoveField(model_name="case", name="claimed_until"),
    ]
