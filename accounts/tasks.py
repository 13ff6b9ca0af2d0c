"""The Celery task of the outbox. A lost, doubled or late message changes nothing."""

from celery import shared_task
from django.conf import settings


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def prune_outbox() -> int:
    """Forgets events that were delivered or are too old. Returns how many."""
    from accounts.services.outbox import prune

    return prune()
