"""The Celery tasks of intake. A lost, doubled or late message changes nothing."""

from celery import shared_task
from django.conf import settings


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def prune_keys() -> int:
    """Forgets old Idempotency-Keys. Returns how many."""
    from triage.idempotency import prune_keys

    return prune_keys()


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def sweep_orphans() -> int:
    """Removes stored files that no row names. Returns how many."""
    from triage.intake.orphans import sweep_recent

    return sweep_recent()
