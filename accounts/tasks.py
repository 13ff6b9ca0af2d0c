"""The Celery task of the outbox. A lost, doubled or late message changes nothing."""

from celery import shared_task


@shared_task(soft_time_limit=50, time_limit=60)
def prune_outbox() -> int:
    """Forgets events that were delivered or are too old. Returns how many."""
    from accounts.services.outbox import prune

    return prune()
