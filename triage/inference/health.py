"""Whether cases are being read right now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from triage.inference.queue import waiting
from triage.models import Heartbeat


@dataclass(frozen=True)
class QueueHealth:
    """``ok`` is False when no heartbeat came through the queue lately: classification is delayed."""

    ok: bool
    last_beat: datetime | None
    queued: int
    oldest_queued_seconds: float | None


def beat(queue: str) -> None:
    """Notes, on the database's clock, that a worker of ``queue`` ran a message."""
    Heartbeat.objects.update_or_create(queue=queue, defaults={"beat_at": Now()})


def inference_is_alive() -> bool:
    """One cheap look: did the heartbeat arrive lately?"""
    stale = timedelta(seconds=settings.CALLUS_INFERENCE["heartbeat_stale_seconds"])
    return Heartbeat.objects.filter(queue="inference", beat_at__gt=Now() - stale).exists()


def queue_health() -> QueueHealth:
    """The heartbeat, and how much waits for how long."""
    last = Heartbeat.objects.filter(queue="inference").first()
    queued = waiting()
    oldest = queued.aggregate(oldest=Min("queued_at"))["oldest"]
    return QueueHealth(
        ok=inference_is_alive(),
        last_beat=last.beat_at if last else None,
        queued=queued.count(),
        oldest_queued_seconds=(timezone.now() - oldest).total_seconds() if oldest else None,
    )
