"""Makes intake workers look for files that wait."""

from functools import partial

from django.db import transaction

from triage.dispatch import send_task

QUEUE = "intake"
# The task's name and not the task: a web process sends it, and decodes nothing.
DECODE_QUEUED = "triage.intake.tasks.decode_queued"


def send_decode_queued_on_commit(files: int) -> None:
    """Sends the task once the present transaction is committed. A dead broker is logged, never raised.

    One message a file, so that as many workers wake as can help; one that finds nothing ends at once.
    """
    transaction.on_commit(partial(_send, files), robust=True)


def send_decode_queued() -> bool:
    """Files wait. Returns False where the broker can't be reached."""
    return send_task(DECODE_QUEUED)


def _send(files: int) -> None:
    for _number in range(files):
        if not send_decode_queued():  # each try on a dead broker costs the sender a second
            return
