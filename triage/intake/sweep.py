"""Takes up arrivals that a crash left: every five seconds, by beat."""

from uuid import UUID

from triage.apart import apart
from triage.intake import queue
from triage.intake.decision import conclude
from triage.intake.dispatch import send_decode_queued
from triage.models import Case, DecodeJob
from triage.states import CaseState, JobState


def sweep_arrivals() -> None:
    """Takes back the jobs of lost workers, concludes cases whose files have all ended, wakes workers.

    Whatever goes wrong with one of them, the others go on and the workers are woken.
    """
    try:
        with apart("Taking back decode jobs"):
            queue.sweep_expired()
        for case_id in _ended():
            with apart(f"The decision on case {case_id}"):
                conclude(case_id)
    finally:
        if queue.is_waiting():
            send_decode_queued()


def _ended() -> list[UUID]:
    """Arriving cases without a file that waits or is being decoded.

    A worker concludes the case whose last job it ended. One that died in between left the case so.
    """
    unfinished = DecodeJob.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING])
    arriving = Case.objects.filter(state=CaseState.ARRIVING)
    ended = arriving.exclude(pk__in=unfinished.values("case_id"))
    return list(ended.order_by("pk").values_list("pk", flat=True))
