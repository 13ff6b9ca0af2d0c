"""The audit trail: every act, in a chain that shows when it was rewritten."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.acts import Act
from accounts.audit_chain import stored_rows
from accounts.models import AuditEntry
from accounts.people_log import PAGE, people_log
from accounts.services.events import emit
from tests.factories import make_site, make_user


def verify():
    output = io.StringIO()
    call_command("verify_audit", stdout=output)
    return output.getvalue()


def rewrite(statement, *parameters):
    """Runs ``statement`` as the owner with the triggers lifted: what an intruder with that right could do."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER USER")


@pytest.fixture
def four(committed_db):
    """The four entries of a site's chain."""
    actor, site = make_user(), make_site()
    for number in range(4):
        emit(Act.SIGNED_IN, actor, actor=actor, site=site, number=number)
    return list(AuditEntry.objects.filter(site=site).order_by("id"))


def test_whole_chains_verify(committed_db):
    actor, sites = make_user(), [make_site(), make_site()]
    for number in range(12):
        emit(Act.SIGNED_IN, actor, actor=actor, site=sites[number % 2], number=number, text="é | ü")
    emit(Act.SIGNED_IN, actor, actor=None)
    assert "13 audit entries" in verify()
    assert AuditEntry.objects.filter(previous_hash="", number=1).count() == 3
    numbers = AuditEntry.objects.filter(site=sites[0]).order_by("id")
    assert [entry.number for entry in numbers] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE accounts_auditentry SET verb = 'nothing' WHERE id = %s", "content was changed"),
        ("UPDATE accounts_auditentry SET detail = '{}' WHERE id = %s", "content was changed"),
        ("UPDATE accounts_auditentry SET address = '::1' WHERE id = %s", "content was changed"),
        (
            "UPDATE accounts_auditentry SET verb = verb || subject_type, subject_type = ''"
            " WHERE id = %s",
            "content was changed",
        ),
        ("UPDATE accounts_auditentry SET at = at - interval '1 s' WHERE id = %s", "was changed"),
        ("UPDATE accounts_auditentry SET version = 1 WHERE id = %s", "content was changed"),
        ("DELETE FROM accounts_auditentry WHERE id = %s", "number 3 where number 2 is due"),
        ("UPDATE accounts_auditentry SET number = 9 WHERE id = %s", "number 3 where number 2"),
    ],
)
def test_a_rewritten_row_is_found(four, change, said):
    rewrite(change, four[1].pk)
    with pytest.raises(CommandError, match=said):
        verify()


def test_rows_that_were_exchanged_are_found(four):
    second, third = four[1], four[2]
    rewrite(
        "UPDATE accounts_auditentry SET number = 100 + number WHERE id = ANY(%s);"
        "UPDATE accounts_auditentry SET number = 105 - number WHERE id = ANY(%s)",
        [second.pk, third.pk],
        [second.pk, third.pk],
    )
    with pytest.raises(CommandError, match="does not follow the row before it"):
        verify()


def test_the_database_sets_the_time_and_it_never_runs_back(four):
    long_ago, last = timezone.now() - timedelta(days=400), four[-1]
    AuditEntry.objects.create(
        at=long_ago,
        site=last.site,
        actor=None,
        verb="person.signed_in",
        subject_type="x",
        subject_id="1",
    )
    assert AuditEntry.objects.get(number=5).at >= last.at
    # The server's clock was set back by a day after this entry.
    rewrite("UPDATE accounts_auditentry SET at = at + interval '1 day' WHERE number = 5")
    emit(Act.SIGNED_IN, last.site, actor=None, site=last.site)
    assert AuditEntry.objects.get(number=6).at == AuditEntry.objects.get(number=5).at


def test_verifying_reads_through_a_cursor_on_the_server_with_a_limit_of_its_own(four):
    def timeout():
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    before = timeout()
    with stored_rows() as rows:
        next(rows)
        assert timeout() == "10min"
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors WHERE name = 'audit_trail'")
            assert cursor.fetchone() == (1,)
    assert timeout() == before != "10min"


@pytest.fixture
def long_trail(committed_db):
    """A busy site with 20,000 acts, 61 of them on people, and a quiet site with two; nothing of the
    installation itself.
    """
    actor, busy, quiet = make_user(), make_site(), make_site()
    rewrite(
        "INSERT INTO accounts_auditentry (at, site_id, actor_id, verb, subject_type, subject_id,"
        " detail, request_id, version, number, previous_hash, hash)"
        " SELECT now(), %s, %s, CASE WHEN n %% 330 = 7 THEN 'token.created' ELSE 'review.signed' END,"
        " 'x', n::text, '{}', '', 2, n, '', 'h' || n FROM generate_series(1, 20000) AS n",
        busy.pk,
        actor.pk,
    )
    for _ in range(2):
        emit(Act.MEMBERSHIP_ADDED, quiet, actor=actor, site=quiet, before={}, after={"n": 1})
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_auditentry")
    return busy, quiet


def rows_read(cursor):
    """How many rows of the trail this transaction has read so far, by scans and through indexes."""
    cursor.execute(
        "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables"
        " WHERE relname = 'accounts_auditentry'"
    )
    return cursor.fetchone()


def test_an_entry_costs_one_look_up_however_long_the_trail(long_trail):
    for site in (*long_trail, make_site(), None):
        with transaction.atomic(), connection.cursor() as cursor:
            earlier = rows_read(cursor)
            emit(Act.SIGNED_IN, long_trail[0], actor=None, site=site)
            now = rows_read(cursor)
        assert now[0] - earlier[0] == 0, f"it scanned the trail for {site}"
        assert now[1] - earlier[1] <= 1


def test_the_people_log_reads_its_page_and_no_more(long_trail):
    for site in long_trail:
        acts = AuditEntry.objects.filter(site=site).about_people().order_by("-id")
        assert [act.pk for act in people_log(site).acts] == [act.pk for act in acts[:PAGE]]
        plan = json.loads(acts[: PAGE + 1].explain(format="json", analyze=True))[0]["Plan"]
        scans = list(_scans(plan))
        assert {scan.get("Index Name") for scan in scans} == {"audit_about_people"}
        assert sum(scan["Actual Rows"] for scan in scans) <= PAGE + 1
        assert not any(scan.get("Rows Removed by Filter") for scan in scans)


def _scans(plan):
    if "Scan" in plan["Node Type"]:
        yield plan
    for child in plan.get("Plans", []):
        yield from _scans(child)


def test_every_act_on_people_can_be_paged_to(long_trail):
    seen, before = [], None
    while True:
        log = people_log(long_trail[0], before)
        seen += [act.pk for act in log.acts]
        before = log.earlier
        if before is None:
            break
    acts = AuditEntry.objects.filter(site=long_trail[0], verb="token.created").order_by("-id")
    assert seen == [act.pk for act in acts]
    assert len(seen) == 61
