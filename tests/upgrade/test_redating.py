"""Open cases of the version before get their deadlines by today's rules."""

from datetime import timedelta

import psycopg

from tests.upgrade.test_upgrade import call, upgraded  # noqa: F401

# The waits of each priority in the dump's table of "north"; the other site has none, and so the defaults.
WAITS = {"north": {0: 60, 1: 120, 2: 180}, "south": {0: 30, 1: 240, 2: 1440}}
REDATE = (
    "import django; django.setup(); from triage.worklist.redating import redate; redate(); redate()"
)


def test_open_cases_are_dated_anew(upgraded):  # noqa: F811
    with psycopg.connect(upgraded.server.owner) as owner:
        asked = owner.execute(
            "SELECT site_id FROM triage_redating WHERE total IS NULL AND finished_at IS NULL"
        ).fetchall()
        sites = owner.execute("SELECT DISTINCT site_id FROM triage_case WHERE closed_at IS NULL")
        assert sorted(asked) == sorted(sites.fetchall())
        assert asked
        owner.commit()
        call(upgraded.server, "-c", REDATE)
        waits = owner.execute(
            "SELECT DISTINCT extract(epoch FROM due_at - received_at)::int / 60 FROM triage_case c"
            " JOIN triage_prediction p ON p.id = c.deciding_prediction_id"
            " JOIN accounts_site s ON s.id = c.site_id"
            " WHERE closed_at IS NULL AND p.call = 'doubt' AND s.slug = 'north'"
        ).fetchall()
        # The dump's table: 45 minutes for each class from 30 %, and its cases have 62 %.
        assert waits == [(45,)]
        unfinished = "SELECT count(*) FROM triage_redating WHERE finished_at IS NULL"
        assert owner.execute(unfinished).fetchone() == (0,)


def test_old_cases_get_the_deadline_of_their_priority(upgraded):  # noqa: F811
    with psycopg.connect(upgraded.server.owner) as owner:
        rows = owner.execute(
            "SELECT s.slug, c.priority, c.due_at, c.priority_due_at, c.received_at"
            " FROM triage_case c JOIN accounts_site s ON s.id = c.site_id"
        ).fetchall()
    assert {slug for slug, *_rest in rows} == set(WAITS)
    for slug, priority, due_at, priority_due_at, received_at in rows:
        given = received_at + timedelta(minutes=WAITS[slug][priority])
        # A deadline of an earlier table may be later than that of the present one.
        assert priority_due_at == max(due_at, given)
