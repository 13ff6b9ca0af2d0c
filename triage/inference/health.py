"""Whether the model reads cases right now."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, Min
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.utils import timezone

from triage.models import Heartbeat, Job, Release
from triage.states import JobState, ReleaseState

# Between two beats of a worker under load: a small part of the time after which a beat is late.
_BEAT_SECONDS = 5.0


class ModelStatus(StrEnum):
    """Whether the model reads cases now. People can read them at any time."""

    ON = "ok"
    DELAYED = "delayed"  # no heartbeat came through the queue, or the release is suspended
    OFF = (
        "no_release"  # no release is active: the last one was set aside, or none was activated yet
    )


@dataclass(frozen=True)
class QueueHealth:
    """The model's status, the time of the last heartbeat, and the queued jobs of all releases."""

    model: ModelStatus
    last_beat: datetime | None
    queued: int
    oldest_queued_seconds: float | None


def beat(queue: str) -> None:
    """Notes, on the database's clock, that a worker of ``queue`` ran a message."""
    if not Heartbeat.objects.filter(queue=queue).update(beat_at=Now()):
        Heartbeat.objects.update_or_create(queue=queue, defaults={"beat_at": Now()})


# Queue → when this process last noted a beat, on ``time.monotonic``.
_last_beats: dict[str, float] = {}


def beat_now_and_then(queue: str) -> None:
    """``beat`` for a worker under load, which calls this after each piece of work. Most calls do nothing."""
    now = time.monotonic()
    if now - _last_beats.get(queue, -_BEAT_SECONDS) >= _BEAT_SECONDS:
        beat(queue)
        _last_beats[queue] = now


def model_status() -> ModelStatus:
    """In one query, because the top of every page asks for it."""
    beat = Heartbeat.objects.filter(queue="inference", beat_at__gt=_stale())
    active = Release.objects.filter(is_active=True).annotate(alive=Exists(beat))
    found = active.values_list("check_due_at", "alive").first()
    if found is None:
        return ModelStatus.OFF
    check_due_at, alive = found
    return ModelStatus.ON if alive and check_due_at is None else ModelStatus.DELAYED


def _stale() -> CombinedExpression:
    return Now() - timedelta(seconds=settings.CALLUS_INFERENCE["heartbeat_stale_seconds"])


class ReleaseReadiness(StrEnum):
    OK = "ok"
    NONE_ACTIVE = "none_active"  # cases are taken and read, without a model
    MISSING = "missing"  # a fresh installation, whose release isn't there or isn't checked yet


def release_readiness() -> ReleaseReadiness:
    """Whether there is a release, in one query.

    A site whose release was set aside still takes and reads cases, so that it must not be taken out of
    service; one that never had a release is still being installed.
    """
    known = list(Release.objects.values_list("is_active", "activated_at", "state"))
    if any(is_active for is_active, _at, _state in known):
        return ReleaseReadiness.OK
    if any(at or state == ReleaseState.SET_ASIDE for _active, at, state in known):
        return ReleaseReadiness.NONE_ACTIVE
    return ReleaseReadiness.MISSING


def queue_health() -> QueueHealth:
    """The heartbeat, and how much waits for how long."""
    last = Heartbeat.objects.filter(queue="inference").first()
    queued = Job.objects.filter(state=JobState.QUEUED)
    oldest = queued.aggregate(oldest=Min("queued_at"))["oldest"]
    return QueueHealth(
        model=model_status(),
        last_beat=last.beat_at if last else None,
        queued=queued.count(),
        oldest_queued_seconds=(timezone.now() - oldest).total_seconds() if oldest else None,
    )
