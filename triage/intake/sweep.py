"""Takes up arrivals that a crash left: every five seconds, by beat."""

from triage.intake import queue
from triage.intake.decision import conclude
from triage.intake.dispatch import send_decode_queued
from triage.models import Case, DecodeJob
from triage.states import CaseState, JobState


def sweep_arrivals() -> None:
    """Takes back the jobs of lost workers, concludes cases whose files have all ended, wakes workers."""
    queue.sweep_expired()
    unfinished = DecodeJob.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING])
    # A worker concludes the case whose last job it ended. One that died in between left the case so.
    ended = Case.objects.filter(state=CaseState.ARRIVING).exclude(
        pk__in=unfinished.values("case_id")
    )
    for case_id in ended.order_by("pk").values_list("pk", flat=True):
        conclude(case_id)
    if queue.is_waiting():
        send_decode_queued()
