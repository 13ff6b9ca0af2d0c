"""The audit trail: every act, in a chain that shows when it was rewritten."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import AuditEntry
from accounts.services.audit import record
from tests.factories import make_site, make_user


def verify():
    output = io.StringIO()
    call_command("verify_audit", stdout=output)
    return output.getvalue()


def test_whole_chains_verify(committed_db):
    actor, sites = make_user(), [make_site(), make_site()]
    for number in range(6):
        record("test.done", actor, actor=actor, site=sites[number % 2], number=number, text="é | ü")
    record("test.done", actor, actor=None)
    assert "7 audit entries" in verify()
    assert AuditEntry.objects.filter(previous_hash="").count() == 3


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_auditentry SET verb = 'nothing' WHERE id = %s",
        "UPDATE accounts_auditentry SET detail = '{}' WHERE id = %s",
        "DELETE FROM accounts_auditentry WHERE id = %s",
    ],
)
def test_a_rewritten_row_is_found(committed_db, change):
    actor, site = make_user(), make_site()
    for number in range(4):
        record("test.done", actor, actor=actor, site=site, number=number)
    second = AuditEntry.objects.order_by("id")[1]
    with connections["owner"].cursor() as cursor:  # only the owner can lift the triggers
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
        cursor.execute(change, [second.pk])
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")
    with pytest.raises(CommandError, match="breaks the chain"):
        verify()
