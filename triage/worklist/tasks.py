"""The Celery task of the worklist. A lost, doubled or late message changes nothing."""

from celery import shared_task
from django.conf import settings

from triage.worklist import redating


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def redate() -> None:
    """Continues to update the deadlines of open cases after their table of waits was changed."""
    redating.redate()
