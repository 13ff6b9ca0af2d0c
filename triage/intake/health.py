"""Whether files are decoded right now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from triage.intake.dispatch import QUEUE
from triage.models import DecodeJob, Heartbeat
from triage.states import JobState

# Interruptions of one file: two tries and two pauses, 40 s in all.
OFTEN = 3


@dataclass(frozen=True)
class IntakeHealth:
    """The last heartbeat of the queue, and the files that wait to be decoded.

    ``interrupted``: those that wait because each try met a fault here: the storage, or the decoder.
    """

    is_delayed: bool
    interrupted: int
    last_beat: datetime | None
    queued: int
    oldest_queued_seconds: float | None


def is_delayed() -> bool:
    """Whether no heartbeat came through the queue lately: files arrive, and nobody decodes them."""
    stale = timedelta(seconds=settings.CALLUS_INFERENCE["heartbeat_stale_seconds"])
    return not Heartbeat.objects.filter(queue=QUEUE, beat_at__gt=Now() - stale).exists()


def interrupted_files() -> int:
    """How many files were interrupted so often that it is no hiccup: they wait for an operator."""
    rows = DecodeJob.objects.filter(state=JobState.QUEUED, interruptions__gte=OFTEN)
    return rows.count()


def intake_health() -> IntakeHealth:
    last = Heartbeat.objects.filter(queue=QUEUE).first()
    queued = DecodeJob.objects.filter(state=JobState.QUEUED)
    oldest = queued.aggregate(oldest=Min("queued_at"))["oldest"]
    return IntakeHealth(
        is_delayed=is_delayed(),
        interrupted=interrupted_files(),
        last_beat=last.beat_at if last else None,
        queued=queued.count(),
        oldest_queued_seconds=(timezone.now() - oldest).total_seconds() if oldest else None,
    )
