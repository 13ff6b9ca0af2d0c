"""The Celery task of the notices. A lost, doubled or late message changes nothing."""

from celery import shared_task
from django.conf import settings


@shared_task(**settings.CALLUS_SHORT_TASK_LIMITS)
def send_notices() -> int:
    """Writes the notices of what waits, and sends what is due. Returns how many it sent."""
    from triage.report.call_back_notices import notify_of_call_backs
    from triage.report.critical_results import notify_due
    from triage.report.notices import send_due

    notify_due()
    notify_of_call_backs()
    return send_due()
