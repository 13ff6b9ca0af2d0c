"""Messages of the outbox: claimed, delivered, forgotten.

A consumer goes on like this until nothing is claimed:

1. ``claim`` some messages, in a transaction of their own.
2. Hand each event over, outside any transaction: a receiver may take seconds.
3. ``mark_delivered`` what was handed over. What is not marked is claimed again when the claim runs out.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import OutboxLoss, OutboxMessage

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)  # more than a receiver's time-out for a whole batch
# A receiver that was down over a long weekend gets everything. Who was away for longer asks the audit trail,
# which keeps it all. Without a limit an installation without a consumer would keep every event twice.
RETENTION = timedelta(days=7)
# Rows of one DELETE: some 10 ms, so that no consumer waits for its row locks and no replica falls behind.
BATCH = 2000


@transaction.atomic
def claim(most: int) -> list[OutboxMessage]:
    """Claims up to ``most`` undelivered messages for CLAIM, the oldest first, with their audit entries.

    SKIP LOCKED: consumers side by side share the work and don't wait for each other. Therefore only a
    single consumer sees a site's events in their order.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lt=Now())
    ids = _lock_oldest(free & Q(delivered_at=None), most)
    claimed = OutboxMessage.objects.filter(pk__in=ids)
    claimed.update(claimed_until=Now() + CLAIM, attempts=F("attempts") + 1)
    return list(claimed.select_related("entry").order_by("entry_id"))


def mark_delivered(messages: Iterable[OutboxMessage]) -> int:
    """Says that the events were handed over. Returns how many nobody had marked yet."""
    ids = [message.pk for message in messages]
    open_ = OutboxMessage.objects.filter(pk__in=ids, delivered_at=None)
    return open_.update(delivered_at=Now(), claimed_until=None)


# Of one call: a million messages, more than all sites make in a minute, in some 5 s of the task's 50.
MOST_BATCHES = 500


def prune(batches: int = MOST_BATCHES) -> int:
    """Deletes what was delivered, and what is older than RETENTION. Returns how many rows went.

    Events that go undelivered are counted, for the log and for ``accounts.outbox_health``.

    At most ``batches`` × BATCH rows, a transaction for each batch: the task that calls this has a time limit,
    and goes on the next time where it was stopped.
    """
    total = forgotten = 0
    for _batch in range(batches):
        gone, undelivered = _prune_batch()
        total += gone
        forgotten += undelivered
        if gone < BATCH:
            break
    if forgotten:
        text = (
            "The outbox forgot %d events that nobody took within %d days; the audit trail has them"
        )
        # No warning: as long as no consumer is shipped this is the ordinary course, once a minute.
        logger.info(text, forgotten, RETENTION.days)
    return total


@transaction.atomic
def _prune_batch() -> tuple[int, int]:
    """Returns how many rows went, and how many of them undelivered."""
    done = Q(delivered_at__isnull=False) | Q(created_at__lt=Now() - RETENTION)
    rows = OutboxMessage.objects.filter(pk__in=_lock_oldest(done, BATCH))
    undelivered = rows.filter(delivered_at=None).delete()[0]
    if undelivered:
        # In this transaction, so that the count is right whatever becomes of the log line.
        _count_loss(undelivered)
    return rows.delete()[0] + undelivered, undelivered


def _count_loss(events: int) -> None:
    OutboxLoss.objects.bulk_create([OutboxLoss()], ignore_conflicts=True)
    OutboxLoss.objects.update(events=F("events") + events, last_at=Now())


def _lock_oldest(which: Q, most: int) -> list[int]:
    """Ids of the oldest messages, locked for this transaction; what another one holds is left out.

    SKIP LOCKED: a prune doesn't wait for a consumer, nor a consumer for a prune. What was left out comes next
    time. OF self and NO KEY, as every lock here: nothing but the messages is locked.
    """
    rows = OutboxMessage.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    # Not by "entry": that would sort by, and lock, the audit entries themselves.
    return list(rows.filter(which).order_by("entry_id").values_list("pk", flat=True)[:most])
