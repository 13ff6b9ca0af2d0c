"""Wakes the worker that notifies people of what a signature opened."""

from django.db import transaction

from triage.dispatch import send_task

# By its name: the task's module is a floor higher.
SEND_NOTICES = "triage.report.tasks.send_notices"


def send_notices_on_commit() -> None:
    """A lost message loses nothing: what is due is asked of the database, each ten seconds."""
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    send_task(SEND_NOTICES)
