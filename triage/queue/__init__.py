"""A queue of rows: claim, finish, fail, give back, sweep. One code for every model that is a ``LeasedJob``.

Rows and leases are on the database's clock. A Celery message only makes a worker look.
"""

from triage.queue.claim import claim, waiting
from triage.queue.outcome import PAUSES, fail, finish, give_back, lock_claimed, requeue
from triage.queue.sweep import Swept, sweep_expired

__all__ = [
    "PAUSES",
    "Swept",
    "claim",
    "fail",
    "finish",
    "give_back",
    "lock_claimed",
    "requeue",
    "sweep_expired",
    "waiting",
]
