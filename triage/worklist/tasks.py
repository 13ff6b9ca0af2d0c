"""The Celery task of the worklist. A lost, doubled or late message changes nothing."""

from celery import shared_task

from triage.worklist import redating


@shared_task(soft_time_limit=50, time_limit=60)
def redate() -> None:
    """Goes on with giving open cases their deadlines by a changed table of waits."""
    redating.redate()
