"""A queue of rows: claim, renew, finish, fail, give back, sweep, for every model that is a ``LeasedJob``.

Rows and leases are on the database's clock. A Celery message only makes a worker look.
"""

from triage.queue.claim import claim, waiting
from triage.queue.outcome import (
    PAUSES,
    fail,
    finish,
    finish_claimed,
    give_back,
    lock_claimed,
    requeue,
)
from triage.queue.renewal import renewing
from triage.queue.sweep import Swept, expired, lost_here, sweep_expired, take_back

__all__ = [
    "PAUSES",
    "Swept",
    "claim",
    "expired",
    "fail",
    "finish",
    "finish_claimed",
    "give_back",
    "lock_claimed",
    "lost_here",
    "renewing",
    "requeue",
    "sweep_expired",
    "take_back",
    "waiting",
]
