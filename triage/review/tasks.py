"""The Celery task of the readings. A lost, doubled or late message changes nothing."""

from celery import shared_task


@shared_task(soft_time_limit=50, time_limit=60)
def end_lapsed_claims() -> int:
    """Ends readings whose claim has run out. Returns how many."""
    from triage.review.claims import end_lapsed

    return end_lapsed()
