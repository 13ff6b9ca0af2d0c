"""The Celery task of the readings. A lost, doubled or late message changes nothing."""

from celery import shared_task
from django.conf import settings


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def end_lapsed_claims() -> int:
    """Ends readings whose claim has run out. Returns how many."""
    from triage.review.claims import end_lapsed

    return end_lapsed()
