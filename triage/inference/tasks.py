"""The Celery tasks of inference that any worker runs. A lost, doubled or late message changes nothing."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from triage.inference.dispatch import send_check_release, send_classify_queued
from triage.inference.health import beat
from triage.inference.releases import queue_forgotten_images
from triage.inference.services import sweep_and_send


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def sweep() -> None:
    """Takes back the jobs of lost workers, and sends a message while anything is queued."""
    sweep_and_send()


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def queue_forgotten() -> None:
    """Queues images of any age that have no job. The sweeps look at the newest ones only."""
    queue_forgotten_images()


# ``expires``: beat sends one every ten seconds, and without workers they would pile up.
@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS, expires=settings.CALLUS_BEAT_EXPIRES)
def heartbeat() -> None:
    """Travels through the inference queue. If it arrives, a worker takes messages from there."""
    beat("inference")


@worker_ready.connect
def look_for_work_at_start(**_: Any) -> None:
    """Makes a new worker look for work and send a heartbeat at once, without waiting for beat."""
    send_check_release()
    send_classify_queued()
    # One try: a worker must not wait for Redis at its start, and beat sends one within ten seconds.
    heartbeat.apply_async(retry=False)
