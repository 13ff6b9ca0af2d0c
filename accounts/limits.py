"""How many wrong passwords there may be, and how long the next try waits then. No database here.

=================  ===========================================================================
who                limit
=================  ===========================================================================
pair               5 in 15 minutes: one client address and one person
person             50 an hour from all addresses. From the 10th on, the next try waits 1 second,
                   and twice as long after each 4 more, up to 15 minutes
address            10 a minute for all persons together, against one password tried on many
=================  ===========================================================================

All three are chosen, not measured. Five: a forgotten caps lock and two typing errors, and no more than 480
guesses a day. Ten a minute: a ward whose people share one address may mistype at the change of a shift. A
right password is not counted, so nobody is hindered by colleagues who sign in. One that is being checked may
turn out to be wrong: as many as the limits leave are checked at once, and further ones wait for them.

The person's delay is short at first, so that a stranger who guesses from elsewhere hardly hinders the
person; four wrong passwords a step make about 47 in the first hour, so the two limits meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PAIR_TRIES, PAIR_WINDOW = 5, timedelta(minutes=15)
PERSON_TRIES, PERSON_WINDOW = 50, timedelta(hours=1)
ADDRESS_TRIES, ADDRESS_WINDOW = 10, timedelta(minutes=1)
# How long a try waits for those that are being checked: several checks; and not so long that tries that wait
# would take the web process's threads from everybody.
WAITS_FOR_OTHERS, ASKS_AGAIN = timedelta(seconds=1.5), timedelta(milliseconds=50)
# A check takes a tenth of a second. One that takes longer than this counts as wrong until it is done.
LONGEST_CHECK = timedelta(seconds=10)
DELAY_FROM, DELAY_STEP, LONGEST_DELAY = 10, 4, timedelta(minutes=15)


@dataclass(frozen=True)
class Wait:
    """No password is checked before ``until``. Whether a completed password reset ends it sooner."""

    until: datetime
    lifted_by_reset: bool


def wait_for(
    now: datetime,
    *,
    pair: Sequence[datetime],
    person: Sequence[datetime],
    address: Sequence[datetime],
) -> Wait | None:
    """The wait before the next try, or None where it may be made now.

    Args:
        now: the database's clock.
        pair, person, address: times of the wrong passwords of each, the newest first.
    """
    waits = [
        Wait(until, lifted)
        for until, lifted in (
            (_free_again(pair, PAIR_TRIES, PAIR_WINDOW), True),
            (_free_again(person, PERSON_TRIES, PERSON_WINDOW), True),
            (_delayed(person, now), True),
            (_free_again(address, ADDRESS_TRIES, ADDRESS_WINDOW), False),
        )
        if until is not None and until > now
    ]
    return max(waits, key=lambda wait: wait.until, default=None)


def _free_again(times: Sequence[datetime], most: int, window: timedelta) -> datetime | None:
    """When the oldest of the last ``most`` tries leaves the window."""
    return times[most - 1] + window if len(times) >= most else None


def _delayed(times: Sequence[datetime], now: datetime) -> datetime | None:
    recent = [time for time in times if time > now - PERSON_WINDOW]
    if len(recent) < DELAY_FROM:
        return None
    seconds = 2 ** ((len(recent) - DELAY_FROM) // DELAY_STEP)
    return recent[0] + min(timedelta(seconds=seconds), LONGEST_DELAY)
