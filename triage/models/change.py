"""Notes that something was written that a row of a worklist shows, and at which site."""

from uuid import UUID

from django.contrib.postgres.functions import RandomUUID
from django.db import models

EVERY_SITE = UUID(int=0)  # for what lists of all sites may show, such as a person's name


class Change(models.Model):
    """One statement that wrote rows of one site. Only triggers write this table.

    ``site_id`` is not a foreign key, because every write would then lock its site's row. The id is random
    and not a number that grows: a restored backup would give numbers again that browsers have seen.
    See ``triage/stamps.py``.
    """

    id = models.UUIDField(primary_key=True, db_default=RandomUUID(), editable=False)
    site_id = models.UUIDField()

    class Meta:
        # Each open list reads its sites' stamps every few seconds, from the index alone.
        indexes = [models.Index(fields=["site_id"], include=["id"], name="change_of_site")]

    def __str__(self) -> str:
        return f"{self.id} at {self.site_id}"
