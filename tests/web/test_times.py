"""Times are the reader's own."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_case


@pytest.mark.parametrize(
    ("cookie", "shown"),
    [
        ("", "5 Mar 2026, 12:00"),
        ("Asia%2FTokyo", "5 Mar 2026, 21:00"),
        ("Nowhere/At-all", "5 Mar 2026, 12:00"),
    ],
)
def test_times_are_shown_in_the_readers_zone(site, people, client, storage, cookie, shown):
    received = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    case = make_case(
        site, people.clinician, received_at=received, due_at=received + timedelta(hours=1)
    )
    client.force_login(people.reviewer)
    if cookie:
        client.cookies["tz"] = cookie
    assert shown in client.get(f"/cases/{case.pk}/").content.decode()
