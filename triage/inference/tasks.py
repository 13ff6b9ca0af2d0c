"""The Celery tasks. Each only calls a service; a lost, doubled or late message changes nothing."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

LIMITS = {"soft_time_limit": 240, "time_limit": 300}
SHORT_LIMITS = {"soft_time_limit": 50, "time_limit": 60}


@shared_task(**LIMITS)
def classify_queued() -> int:
    """Classifies whatever is queued."""
    from triage.inference.worker import work_until_empty

    return work_until_empty()


@shared_task(**SHORT_LIMITS)
def sweep() -> None:
    """Takes back what lost workers held, and rings while anything is queued."""
    from triage.inference.services import sweep_and_ring

    sweep_and_ring()


@shared_task(**SHORT_LIMITS, expires=30)
def heartbeat() -> None:
    """Travels through the inference queue: that it arrives is the proof."""
    from triage.inference.health import beat

    beat("inference")


@worker_ready.connect
def ring_at_start(**_: Any) -> None:
    """A fresh worker takes up what waits, and shows that it lives, without waiting for beat."""
    from triage.inference.doorbell import ring

    ring()
    heartbeat.apply_async(retry=False)
