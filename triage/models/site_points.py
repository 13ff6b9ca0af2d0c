"""The operating points that a site uses instead of the release's own."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site
from classifier.call import OperatingPoints
from triage.models.release import Release
from triage.models.visibility import SiteOwnedQuerySet


class SitePoints(models.Model):
    """One change of a site's operating points. The database refuses to change or delete a row.

    For a site and a release, the row with the highest ``number`` counts. Two null points mean the release's
    own. Points are probabilities (0 to 1) of one release's calibration, so they hold for that release only.
    ``put_back``: the number of the row whose points count again; 0 means the release's own. ``reason`` is
    empty then, because a stored sentence would stay in the language of the person who clicked.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="points")
    release = models.ForeignKey(Release, models.PROTECT, related_name="site_points")
    number = models.PositiveIntegerField()
    negative_below = models.FloatField(_("no fracture seen below"), null=True)
    positive_from = models.FloatField(_("fracture suspected from"), null=True)
    reason = models.CharField(_("why"), max_length=200, blank=True)
    put_back = models.PositiveIntegerField(_("put back"), null=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SiteOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("operating points of a site")
        verbose_name_plural = _("operating points of sites")
        constraints = [
            # Two changes at one moment can't both be the latest. The index also finds the row that counts.
            models.UniqueConstraint(
                fields=["site", "release", "number"], name="site_points_number_is_one_per_release"
            ),
            models.CheckConstraint(
                condition=Q(negative_below=None, positive_from=None)
                | Q(
                    negative_below__isnull=False,  # else a null makes the whole check unknown, and it holds
                    positive_from__isnull=False,
                    negative_below__gt=0,
                    negative_below__lte=F("positive_from"),
                    positive_from__lt=1,
                ),
                name="site_points_are_in_order",
            ),
            models.CheckConstraint(
                condition=Q(put_back=None) & ~Q(reason="") | Q(put_back__isnull=False, reason=""),
                name="site_points_say_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} #{self.number} for {self.release_id}"

    @property
    def why(self) -> str:
        """The reason that a person wrote, else a sentence in the reader's language."""
        if self.put_back is None:
            return self.reason
        if self.put_back == 0:
            return gettext("Back to the release's own points")
        return gettext("Back to change %(number)d") % {"number": self.put_back}

    @property
    def points(self) -> OperatingPoints | None:
        """The two points; None where the release's own hold."""
        if self.negative_below is None or self.positive_from is None:
            return None
        return OperatingPoints(self.negative_below, self.positive_from)
