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


@dataclass(frozen=True)
class IntakeHealth:
    """The last heartbeat of the queue, and the files that wait to be decoded."""

    is_delayed: bool
    last_beat: datetime | None
    queued: int
    oldest_queued_seconds: float | None


def is_delayed() -> bool:
    """Whether no heartbeat came through the queue lately: files arrive, and nobody decodes them."""
    stale = timedelta(seconds=settings.CALLUS_INFERENCE["heartbeat_stale_seconds"])
    return not Heartbeat.objects.filter(queue=QUEUE, beat_at__gt=Now() - stale).exists()


def intake_health() -> IntakeHealth:
    last = Heartbeat.objects.filter(queue=QUEUE).first()
    queued = DecodeJob.objects.filter(state=JobState.QUEUED)
    oldest = queued.aggregate(oldest=Min("queued_at"))["oldest"]
    return IntakeHealth(
        is_delayed=is_delayed(),
        last_beat=last.beat_at if last else None,
        queued=queued.count(),
        oldest_queued_seconds=(timezone.now() - oldest).total_seconds() if oldest else None,
    )
