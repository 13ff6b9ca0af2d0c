"""The Celery tasks of inference that any worker runs. A lost, doubled or late message changes nothing."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from triage.inference.dispatch import send_check_release, send_classify_queued
from triage.inference.health import beat
from triage.inference.services import sweep_and_send

SHORT_LIMITS = {"soft_time_limit": 50, "time_limit": 60}


@shared_task(**SHORT_LIMITS)
def sweep() -> None:
    """Takes back what lost workers held, and sends a message while anything is queued."""
    sweep_and_send()


# ``expires``: beat sends one every ten seconds, and those that no worker takes would pile up.
@shared_task(**SHORT_LIMITS, expires=30)
def heartbeat() -> None:
    """Travels through the inference queue: that it arrives is the proof."""
    beat("inference")


@worker_ready.connect
def look_for_work_at_start(**_: Any) -> None:
    """A fresh worker takes up what waits, and shows that it lives, without waiting for beat."""
    send_check_release()
    send_classify_queued()
    heartbeat.apply_async(retry=False)  # beat sends the next one within ten seconds
