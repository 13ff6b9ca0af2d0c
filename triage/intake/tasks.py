"""The Celery tasks of intake. A lost, doubled or late message changes nothing."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from triage.inference.health import beat
from triage.intake import retention
from triage.intake.dispatch import DECODE_QUEUED, QUEUE, send_decode_queued
from triage.intake.orphans import sweep_recent
from triage.intake.sweep import sweep_arrivals
from triage.intake.worker import decode_until_empty

# Above seconds_per_message by more than one file takes in the sandbox.
LIMITS = {"soft_time_limit": 100, "time_limit": 115}


@shared_task(name=DECODE_QUEUED, **LIMITS)
def decode_queued() -> int:
    """Decodes whatever waits."""
    return decode_until_empty()


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def sweep() -> None:
    """Takes up what a lost worker or message left, and sends a message while a file waits."""
    sweep_arrivals()


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def prune_keys() -> int:
    """Forgets old Idempotency-Keys. Returns how many."""
    from triage.idempotency import prune_keys

    return prune_keys()


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def forget_refused() -> int:
    """Forgets what refused cases say of their patients, some days after they were dismissed."""
    return retention.forget_refused()


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def sweep_orphans() -> int:
    """Removes stored files that no row names. Returns how many."""
    return sweep_recent()


# ``expires``: beat sends one every ten seconds, and without workers they would pile up.
@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS, expires=settings.CALLUS_BEAT_EXPIRES)
def heartbeat() -> None:
    """Travels through the intake queue. If it arrives, a worker takes messages from there."""
    beat(QUEUE)


@worker_ready.connect
def look_for_files_at_start(**_: Any) -> None:
    """Makes a new worker look for files and send a heartbeat at once, without waiting for beat."""
    send_decode_queued()
    # One try: a worker must not wait for Redis at its start, and beat sends one within ten seconds.
    heartbeat.apply_async(retry=False)
