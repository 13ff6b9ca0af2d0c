"""Days of a calendar as moments, in the reader's time zone."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

# Days within what Python can hold, so that neither a time zone nor a few days more leave the calendar. No
# case came before the one or will come after the other.
FIRST, LAST = date(1, 1, 11), date(9999, 12, 20)


def beginning_of(day: date) -> datetime:
    """The first moment of the day; of a day outside the calendar's middle, the nearest inside."""
    return timezone.make_aware(datetime.combine(min(max(day, FIRST), LAST), time.min))


def end_of(day: date) -> datetime:
    """The first moment after the day, so that ``x < end_of(day)`` holds for all of it."""
    return beginning_of(min(day, LAST - timedelta(days=1)) + timedelta(days=1))
