"""Waits for the decision on a case, so that an ordinary upload is answered with it."""

import threading
import time
from functools import cache

from django.conf import settings
from django.db import connection

from triage.models import Case
from triage.states import CaseState

# Seconds before the first look at the row, since hardly a file takes less, and between the next. They grow
# with what the file has taken so far, so that the answer comes about a tenth of that time late, and a slow
# file costs ten looks a second.
_AT_LEAST, _FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.03, 0.015, 0.1, 1.2


def await_decision(case: Case, seconds: float) -> Case:
    """The case as it is once it doesn't arrive any more, or once ``seconds`` are over."""
    wait_for_decision(case, seconds)
    case.refresh_from_db()
    return case


def wait_for_decision(case: Case, seconds: float) -> None:
    """Returns once the case doesn't arrive any more, or once ``seconds`` are over. ``case`` is as it was.

    It returns at once while as many threads of this process wait as may: the others are needed to answer.
    """
    if case.state == CaseState.ARRIVING and seconds > 0 and _places().acquire(blocking=False):
        try:
            _wait(case, time.monotonic() + seconds)
        finally:
            _places().release()


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(settings.CALLUS_INTAKE["waiting_threads"])


def _wait(case: Case, deadline: float) -> None:
    pause = _FIRST_PAUSE
    wait_a_moment(max(0, min(_AT_LEAST, deadline - time.monotonic())))
    while _is_arriving(case) and (left := deadline - time.monotonic()) > 0:
        wait_a_moment(min(pause, left))
        pause = min(_LONGEST_PAUSE, pause * _GROWTH)


def _is_arriving(case: Case) -> bool:
    # SQL by hand: making it anew from a queryset costs more than all else of a look.
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM triage_case WHERE id = %s", [case.pk])
        return cursor.fetchone() == (CaseState.ARRIVING,)


def wait_a_moment(seconds: float) -> None:
    """Lets the workers work. Tests of one process decode here instead."""
    time.sleep(seconds)
