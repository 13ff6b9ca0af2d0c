"""That something which a worklist's row shows was written, at which site."""

from uuid import UUID

from django.contrib.postgres.functions import RandomUUID
from django.db import models

EVERY_SITE = UUID(int=0)  # a person's name, say, stands in the lists of any site


class Change(models.Model):
    """One statement that wrote rows of one site; triggers of the tables write it, and nothing else does.

    ``site_id`` is no foreign key: each write would take a lock on its site's row for it. The id is
    random and not counted up: a restored backup counts on from where it was taken, and would give
    numbers again that browsers have seen. See ``triage/stamps.py``.
    """

    id = models.UUIDField(primary_key=True, db_default=RandomUUID(), editable=False)
    site_id = models.UUIDField()

    class Meta:
        # The stamp of a site is read from the index alone, a few times a second for each open list.
        indexes = [models.Index(fields=["site_id"], include=["id"], name="change_of_site")]

    def __str__(self) -> str:
        return f"{self.id} at {self.site_id}"
