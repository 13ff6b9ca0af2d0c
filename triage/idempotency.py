"""The same request twice makes one thing: docs/decisions/0038-the-same-request-twice.md."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db import connection, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Conflict, Unprocessable
from triage.models import IdempotencyKey

# Who double-clicks, or whose line broke, sends the same again within seconds. Later it may be meant.
SAME_WITHIN = timedelta(minutes=1)
# A gateway that was down over a long weekend repeats what it got no answer to.
RETENTION = timedelta(days=7)
# Rows of one DELETE, and how many DELETEs of one call: far more than all sites make in an hour.
BATCH, MOST_BATCHES = 2000, 100

Made = TypeVar("Made", bound=models.Model)


@dataclass(frozen=True)
class SentRequest:
    """What was sent, by whom. ``content``: SHA-256 of its fields and files, in hexadecimal.

    ``key``: the client's; "" if there is none. Then the same content within SAME_WITHIN is the same request.
    ``waits``: while a request with the key is being worked on, this one waits. Otherwise it is refused.
    """

    user: User
    method_and_path: str
    content: str
    key: str = ""
    waits: bool = False


@transaction.atomic
def once(sent: SentRequest, model: type[Made], make: Callable[[], Made]) -> tuple[Made, bool]:
    """What the request made, and whether it was made before: then ``make`` isn't called.

    1. Lock the key until the commit: of two such requests at once, one makes it. The other is refused if a
       client gave it a key. A page's waits, since a browser shows the answer to the second click.
    2. Look for the row that an earlier request left. The thing is returned as it is now. Without a key,
       a case that was refused since doesn't count: who is asked to send it again must not wait for a minute.
    3. Make it, and write the row in the same transaction: whatever crashes, both are there or none.

    Raises:
        Conflict: a request with this key is being worked on.
        Unprocessable: the key was used with another request.
        What ``make`` raises. The key is free then: a refused request may be corrected and sent again.
    """
    key = sent.key or hashlib.sha256(f"{sent.method_and_path} {sent.content}".encode()).hexdigest()
    _lock(f"{sent.user.pk} {bool(sent.key)} {key}", wait=sent.waits or not sent.key)
    rows = IdempotencyKey.objects.filter(user=sent.user, is_given=bool(sent.key), key=key)
    row = rows.annotate(is_past=Q(created_at__lte=Now() - SAME_WITHIN)).first()
    if row and row.is_past and not sent.key:
        row.delete()
        row = None
    if row:
        if (row.request, row.content) != (sent.method_and_path, sent.content):
            text = _("This Idempotency-Key was sent before with another request. Use a new one.")
            raise Unprocessable("idempotency_key_reused", text)
        earlier = model._default_manager.get(pk=row.made_id)
        if sent.key or not getattr(earlier, "was_refused", False):
            return earlier, True
        row.delete()
    made = make()
    IdempotencyKey.objects.create(
        user=sent.user,
        is_given=bool(sent.key),
        key=key,
        request=sent.method_and_path,
        content=sent.content,
        made_id=made.pk,
        created_at=Now(),
    )
    return made, False


def _lock(name: str, wait: bool) -> None:
    """An advisory lock, since there is no row yet. Taken before any other lock; see docs/architecture.md."""
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended('idempotency:' || %s, 0))", [name])
        if cursor.fetchone()[0] is False:
            text = _(
                "A request with this Idempotency-Key is being worked on. Ask again in a second."
            )
            raise Conflict("idempotency_key_in_use", text)


def prune_keys() -> int:
    """Forgets keys that are older than RETENTION. Returns how many."""
    total = 0
    for _batch in range(MOST_BATCHES):
        old = IdempotencyKey.objects.filter(created_at__lt=Now() - RETENTION)
        ids = list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH])
        total += IdempotencyKey.objects.filter(pk__in=ids).delete()[0]
        if len(ids) < BATCH:
            break
    return total
