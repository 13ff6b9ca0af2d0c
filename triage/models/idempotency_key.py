"""Which request made what, so that the same request again makes nothing: docs/decisions/0038."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """A request that made something.

    ``key`` is what the client sent (``is_given``), or the digest of a request without a key. ``request`` is
    its method and path, ``content`` the SHA-256 of its fields and files, ``made_id`` the row that it made, in
    the table that the path says.
    """

    # No index of its own: the unique one begins with it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    is_given = models.BooleanField()
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=255)
    content = models.CharField(max_length=64)
    made_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "is_given", "key"], name="idempotency_key_made_one_thing"
            ),
        ]
        # For the prune.
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_by_age")]

    def __str__(self) -> str:
        return f"{self.request} → {self.made_id}"
