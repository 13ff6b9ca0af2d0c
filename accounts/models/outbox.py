"""Events that wait to be delivered to other systems."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.audit import AuditEntry


class OutboxMessage(models.Model):
    """One event that is to be delivered. The audit entry says what happened; this row only its delivery.

    A trigger of the audit trail writes it, in the statement that writes the entry. A consumer claims it
    until ``claimed_until``, hands the event over, and then sets ``delivered_at``. A consumer that dies in
    between loses nothing: the claim runs out, and the event is delivered again. So every event is
    delivered at least once, and a receiver knows a repeated one by the entry's id.
    """

    # No foreign key in the database: it would lock the new audit row once more for each act, and guard
    # against nothing, since the trail refuses DELETE.
    entry = models.OneToOneField(
        AuditEntry, models.PROTECT, primary_key=True, db_constraint=False, related_name="message"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    attempts = models.PositiveSmallIntegerField(db_default=0, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(claimed_until=None),
                name="outbox_delivered_is_not_claimed",
            ),
            models.CheckConstraint(
                condition=Q(claimed_until=None) | Q(attempts__gt=0),
                name="outbox_claim_is_an_attempt",
            ),
        ]
        indexes = [
            # What a consumer claims, the oldest first.
            models.Index(
                fields=["entry"], condition=Q(delivered_at=None), name="outbox_undelivered"
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.entry_id}"


class OutboxLoss(models.Model):
    """How many events the outbox forgot undelivered, in the only row of its table; none before the first."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    events = models.PositiveBigIntegerField(default=0, editable=False)
    last_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="outbox_loss_is_one_row")]

    def __str__(self) -> str:
        return f"{self.events} events"
