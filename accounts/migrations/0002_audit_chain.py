"""Chains the audit trail and makes it append-only; makes the cache table.

The hash of a row covers the hash of the row before it in the same site, so a row that was changed,
dropped or put in between breaks every later one. ``clock_timestamp`` isn't used: ``at`` is the row's own.
"""

from typing import Any

from django.core.management import call_command
from django.db import migrations

CHAIN = """
CREATE FUNCTION accounts_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended('accounts_audit:' || coalesce(NEW.site_id::text, ''), 0));
    -- Drawn again under the lock, so that the order of ids is the order of the chain.
    NEW.id := nextval(pg_get_serial_sequence('accounts_auditentry', 'id'));
    SELECT hash INTO NEW.previous_hash FROM accounts_auditentry
        WHERE site_id IS NOT DISTINCT FROM NEW.site_id ORDER BY id DESC LIMIT 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, '');
    NEW.hash := encode(sha256(convert_to(concat_ws('|',
        NEW.previous_hash,
        to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        coalesce(NEW.site_id::text, ''),
        coalesce(NEW.actor_id::text, ''),
        NEW.verb, NEW.subject_type, NEW.subject_id,
        NEW.detail::text, NEW.request_id), 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_audit_chain BEFORE INSERT ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_chain();

CREATE FUNCTION callus_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER accounts_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON accounts_auditentry FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();
"""

UNCHAIN = """
DROP TRIGGER accounts_audit_append_only ON accounts_auditentry;
DROP TRIGGER accounts_audit_chain ON accounts_auditentry;
DROP FUNCTION accounts_audit_chain();
DROP FUNCTION callus_append_only();
"""


def make_cache_table(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(CHAIN, UNCHAIN),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
