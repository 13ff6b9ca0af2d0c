"""A case that holds pictures of an earlier case in other bytes: docs/decisions/0043-a-newer-version.md."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.case import Case
from triage.models.visibility import SiteOwnedQuerySet


class NewerVersionQuerySet(SiteOwnedQuerySet):
    site_path = "newer__site"


class NewerVersion(models.Model):
    """``newer`` holds at least one instance of ``earlier`` in other bytes. Both are of one site.

    A table of its own: a case may bring pictures of several cases anew, and one may be sent again twice.
    Never changed: it stands beside signed opinions. Which pictures they are follows from the images.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of its own: the unique one begins with it.
    newer = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    earlier = models.ForeignKey(Case, models.PROTECT, related_name="+")

    objects = NewerVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("newer version")
        verbose_name_plural = _("newer versions")
        constraints = [
            models.UniqueConstraint(
                fields=["newer", "earlier"], name="newer_version_is_linked_once"
            ),
            models.CheckConstraint(
                # Ids are in the order of arrival. Two cases are never each other's newer version.
                condition=models.Q(newer__gt=models.F("earlier")),
                name="newer_version_came_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.newer_id} of {self.earlier_id}"
