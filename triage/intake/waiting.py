"""Waits for the decision on a case, so that an ordinary upload is answered with it."""

import threading
import time
from functools import cache

from django.conf import settings

from triage.models import Case
from triage.states import CaseState

# Seconds between two looks at the row, by its key. They grow with what the file has taken so far, so that the
# answer comes about a tenth of that time late, and a slow file costs ten looks a second.
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.01, 0.1, 1.15


def await_decision(case: Case, seconds: float) -> Case:
    """The case as it is once it doesn't arrive any more, or once ``seconds`` are over.

    It returns at once while as many threads of this process wait as may: the others are needed to answer.
    """
    if case.state == CaseState.ARRIVING and seconds > 0 and _places().acquire(blocking=False):
        try:
            _wait(case, time.monotonic() + seconds)
        finally:
            _places().release()
    case.refresh_from_db()
    return case


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(settings.CALLUS_INTAKE["waiting_threads"])


def _wait(case: Case, deadline: float) -> None:
    pause = _FIRST_PAUSE
    arriving = Case.objects.filter(pk=case.pk, state=CaseState.ARRIVING)
    while arriving.exists() and (left := deadline - time.monotonic()) > 0:
        wait_a_moment(min(pause, left))
        pause = min(_LONGEST_PAUSE, pause * _GROWTH)


def wait_a_moment(seconds: float) -> None:
    """Lets the workers work. Tests of one process decode here instead."""
    time.sleep(seconds)
