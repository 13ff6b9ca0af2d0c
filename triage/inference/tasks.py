"""The Celery tasks. Each only calls a service; a lost, doubled or late message changes nothing."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

# Both below the lease (lease_seconds): a batch that ran out of time is given back, its tries unspent,
# before the sweep takes it for lost. Above seconds_per_message by more than a batch takes.
LIMITS = {"soft_time_limit": 100, "time_limit": 115}
SHORT_LIMITS = {"soft_time_limit": 50, "time_limit": 60}


@shared_task(**LIMITS)
def classify_queued() -> int:
    """Classifies whatever is queued."""
    from triage.inference.worker import work_until_empty

    return work_until_empty()


@shared_task(**SHORT_LIMITS)
def check_release() -> None:
    """Checks the release that has waited longest, in the processes that would read with it."""
    from triage.inference.trial import check_next

    if check_next():
        from triage.inference.doorbell import ring_check

        ring_check()  # one a message, so that each has the whole time


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
    from triage.inference.doorbell import ring, ring_check

    ring_check()
    ring()
    heartbeat.apply_async(retry=False)
