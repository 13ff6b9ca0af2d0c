"""The Celery tasks of the readings. A lost, doubled or late message changes nothing."""

from celery import shared_task
from django.conf import settings


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def end_lapsed_claims() -> int:
    """Ends readings whose claim has run out. Returns how many."""
    from triage.review.claims import end_lapsed

    return end_lapsed()


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def sweep_drafts() -> int:
    """Deletes drafts that nobody has saved for a long time. Returns how many."""
    from triage.review import drafts

    return drafts.sweep_drafts()
