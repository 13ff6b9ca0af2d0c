"""Open cases of the version before get their deadlines by today's rules."""

import psycopg

from tests.upgrade.test_upgrade import call, upgraded  # noqa: F401

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
