"""The Celery tasks that need an engine. ``config.celery`` loads them into workers of the queue ``inference``.

A lost, doubled or late message changes nothing.
"""

from celery import shared_task
from django.conf import settings

from triage.inference.dispatch import CHECK_RELEASE, CLASSIFY_QUEUED, send_check_release
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.release_check import check_next

# The leases of a batch that hangs are renewed until a limit ends it: by the soft one it is given back, its
# tries unspent; by the hard one the process is killed, and its jobs taken back. Above seconds_per_message by
# more than a batch takes.
LIMITS = {"soft_time_limit": 100, "time_limit": 115}


@shared_task(name=CLASSIFY_QUEUED, **LIMITS)
def classify_queued() -> int:
    """Classifies whatever is queued."""
    return work_until_empty()


@shared_task(name=CHECK_RELEASE, **settings.CALLUS_SHORT_TASK_LIMITS)
def check_release() -> None:
    """Checks the release that has waited longest, in the processes that would read with it."""
    if check_next():
        send_check_release()  # one check a message, so that each has the whole time
