"""The second format of the audit trail: each chain counts its rows, and the database sets the time.

Old rows keep their hash and stay verifiable as version 1; they only get their number.
"""

from django.db import migrations, models
from django.db.models.functions import Now

# The append-only trigger is lifted for the length of this statement: a number is added to old rows, and
# nothing that their hash covers is touched.
NUMBERED = """
ALTER TABLE accounts_auditentry DISABLE TRIGGER accounts_audit_append_only;
UPDATE accounts_auditentry AS entry SET number = counted.number
    FROM (SELECT id, row_number() OVER (PARTITION BY site_id ORDER BY id) AS number
          FROM accounts_auditentry) AS counted
    WHERE entry.id = counted.id;
ALTER TABLE accounts_auditentry ENABLE TRIGGER accounts_audit_append_only;
ALTER TABLE accounts_auditentry ALTER COLUMN number SET NOT NULL;
"""

CHAIN = """
-- "5:north", and "-" for NULL: with its length before it, no text can pass for two fields or for none.
CREATE FUNCTION accounts_audit_field(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(octet_length(convert_to(value, 'UTF8')) || ':' || value, '-')
$$;

CREATE OR REPLACE FUNCTION accounts_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest record;
BEGIN
    -- Held until commit: one chain grows by one row at a time, and different chains don't wait.
    PERFORM pg_advisory_xact_lock(
        hashtextextended('accounts_audit:' || coalesce(NEW.site_id::text, ''), 0));
    -- Drawn again under the lock, so that the order of ids is the order of the chain.
    NEW.id := nextval(pg_get_serial_sequence('accounts_auditentry', 'id'));
    -- Two branches: "IS NOT DISTINCT FROM" uses no index, and read a quiet site's look-up through the
    -- whole trail. Each of these reads one row of audit_number_is_one_per_chain.
    IF NEW.site_id IS NULL THEN
        SELECT number, hash, at INTO latest FROM accounts_auditentry
            WHERE site_id IS NULL ORDER BY number DESC LIMIT 1;
    ELSE
        SELECT number, hash, at INTO latest FROM accounts_auditentry
            WHERE site_id = NEW.site_id ORDER BY number DESC LIMIT 1;
    END IF;
    NEW.version := 2;
    NEW.number := coalesce(latest.number, 0) + 1;
    NEW.previous_hash := coalesce(latest.hash, '');
    -- The database's clock, not the web server's; a clock that was set back never turns the order round.
    NEW.at := greatest(clock_timestamp(), latest.at);
    NEW.hash := encode(sha256(convert_to(
        accounts_audit_field(NEW.version::text)
        || accounts_audit_field(NEW.site_id::text)
        || accounts_audit_field(NEW.number::text)
        || accounts_audit_field(to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))
        || accounts_audit_field(NEW.actor_id::text)
        || accounts_audit_field(host(NEW.address))
        || accounts_audit_field(NEW.verb)
        || accounts_audit_field(NEW.subject_type)
        || accounts_audit_field(NEW.subject_id)
        || accounts_audit_field(NEW.detail::text)
        || accounts_audit_field(NEW.request_id)
        || accounts_audit_field(NEW.previous_hash), 'UTF8')), 'hex');
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_audit_chain")]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="at",
            field=models.DateTimeField(db_default=Now(), editable=False, verbose_name="when"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="version",
            field=models.PositiveSmallIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="number",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="address",
            field=models.GenericIPAddressField(editable=False, null=True),
        ),
        # In SQL, since Django's own way to NOT NULL begins with an UPDATE, which the trail refuses.
        migrations.RunSQL(
            NUMBERED,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AlterField(
                    model_name="auditentry",
                    name="version",
                    field=models.PositiveSmallIntegerField(default=2, editable=False),
                ),
                migrations.AlterField(
                    model_name="auditentry",
                    name="number",
                    field=models.PositiveBigIntegerField(default=0, editable=False),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="auditentry",
            constraint=models.UniqueConstraint(
                fields=["site", "number"],
                nulls_distinct=False,
                name="audit_number_is_one_per_chain",
            ),
        ),
        migrations.RunSQL(CHAIN, migrations.RunSQL.noop),
    ]
