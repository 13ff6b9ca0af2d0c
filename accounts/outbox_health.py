"""Whether events leave the outbox, for who watches the site."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import OutboxLoss, OutboxMessage


@dataclass(frozen=True)
class OutboxHealth:
    """``oldest_undelivered_seconds``: the age of the oldest event that waits; None where none waits.

    ``forgotten``: events that went undelivered since the installation was made, the last at
    ``last_forgotten_at``.
    """

    oldest_undelivered_seconds: float | None
    forgotten: int
    last_forgotten_at: datetime | None


def outbox_health() -> OutboxHealth:
    """Whether events leave. Two queries of one row each, however many wait."""
    waiting = OutboxMessage.objects.filter(delivered_at=None).order_by("entry_id")
    oldest = waiting.values_list("created_at", flat=True).first()
    loss = OutboxLoss.objects.first() or OutboxLoss()
    return OutboxHealth(
        oldest_undelivered_seconds=(timezone.now() - oldest).total_seconds() if oldest else None,
        forgotten=loss.events,
        last_forgotten_at=loss.last_at,
    )
