"""How long the next try waits: the table of accounts/limits.py, without a database or a clock."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.limits import wait_for

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def ago(*seconds):
    """Times that long before now, the newest first."""
    return [NOW - timedelta(seconds=second) for second in sorted(seconds)]


def wait(**times):
    found = wait_for(NOW, **{"pair": [], "person": [], "address": [], **times})
    return found and (found.until - NOW).total_seconds()


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (ago(1, 2, 3, 4), None),
        (ago(1, 2, 3, 4, 5), 15 * 60 - 5),
        (ago(1, 2, 3, 4, 15 * 60), None),
        (ago(1, 2, 3, 4, 15 * 60 - 1), 1),
    ],
)
def test_five_tries_of_a_pair_in_a_quarter_of_an_hour(pair, expected):
    assert wait(pair=pair, person=pair) == expected


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(9, None), (10, 1), (13, 1), (14, 2), (18, 4), (22, 8), (30, 32), (42, 256), (49, 512)],
)
def test_a_persons_delay_grows(count, seconds):
    assert wait(person=ago(*([0] * count))) == seconds


def test_the_delay_is_over_when_it_has_passed_and_never_longer_than_a_quarter_of_an_hour():
    assert wait(person=ago(*([1] * 10))) is None
    assert wait(person=ago(*([600] * 49))) is None
    old = [3601] * 30
    assert wait(person=ago(0, *old)) is None


def test_fifty_an_hour_for_a_person():
    spread = [60 * minute + 59 for minute in range(20, 69)]
    assert wait(person=ago(1200, *[second for second in spread if second < 3600])) is None
    assert wait(person=ago(*([1000] * 49 + [3590]))) == 10


def test_ten_a_minute_from_an_address():
    assert wait(address=ago(*range(9))) is None
    found = wait_for(NOW, pair=[], person=[], address=ago(*range(10)))
    assert (found.until - NOW).total_seconds() == 51
    assert not found.lifted_by_reset, "a new password of one person doesn't free the address"


def test_the_longest_wait_counts():
    assert wait(pair=ago(1, 2, 3, 4, 5), person=ago(*([0] * 10))) == 15 * 60 - 5


def test_about_fifty_tries_fit_into_the_first_hour():
    """Somebody who waits out every delay."""
    now, times = NOW, []
    while now < NOW + timedelta(hours=1):
        if found := wait_for(now, pair=[], person=times, address=[]):
            now = found.until
            continue
        times.insert(0, now)
    assert 40 <= len(times) <= 50
