"""One pass over a site's open cases after its table of waits changed. The row is the job."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site


class Redating(models.Model):
    """A pass goes through the open cases of a site in chunks and gives them new deadlines.

    ``total``: open cases when the pass began; null before it begins. ``done``: cases it has looked at.
    ``changed``: deadlines that it moved. The cursor (``received_at``, ``id``) is the last case that it has
    looked at; null before the first. ``finished_at`` is set at the end, or when a later pass replaces this
    one (``superseded``).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="redatings")
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    cursor_received_at = models.DateTimeField(null=True)
    cursor_id = models.UUIDField(null=True)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    superseded = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("re-dating")
        verbose_name_plural = _("re-datings")
        constraints = [
            # Two passes at once could write a case's deadline by the older table last.
            models.UniqueConstraint(
                fields=["site"], condition=Q(finished_at=None), name="redating_is_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(changed__lte=F("done")) & (Q(total=None) | Q(done__lte=F("total"))),
                name="redating_counts_hold_together",
            ),
            models.CheckConstraint(
                condition=Q(superseded=False) | Q(finished_at__isnull=False),
                name="redating_superseded_is_finished",
            ),
            models.CheckConstraint(
                condition=Q(cursor_received_at=None, cursor_id=None)
                | Q(cursor_received_at__isnull=False, cursor_id__isnull=False),
                name="redating_cursor_is_whole",
            ),
        ]
        # The page of waits shows the latest pass.
        indexes = [models.Index(fields=["site", "-requested_at"], name="redating_latest")]

    def __str__(self) -> str:
        return f"{self.site}: {self.done} of {self.total}"
