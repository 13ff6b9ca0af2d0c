"""How the cases of a site are read: which of them blind first."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site


class ReadingRules(models.Model):
    """A site without a row reads no case blind.

    ``blind_percent``: of 100 cases that are received, so many are read blind first; 0 is off. Whether a case
    is one of them is drawn when it is received (``Case.is_blind``), so a change counts for later cases only.

    The rest says when a final opinion isn't the last: if it comes to another conclusion than the reader's
    first reading, or than the sender's interim opinion, or than a model that is sure by at least
    ``third_model_percent`` (null: whatever the model says). Then a third reader closes the case.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.OneToOneField(Site, models.PROTECT, related_name="reading_rules")
    blind_percent = models.PositiveSmallIntegerField(
        _("cases that are read blind first"), default=0
    )

    third_if_first_differs = models.BooleanField(default=False, db_default=False)
    third_if_interim_differs = models.BooleanField(default=False, db_default=False)
    third_model_percent = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = _("reading rules")
        verbose_name_plural = _("reading rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(blind_percent__gte=0, blind_percent__lte=100),
                name="reading_rules_share_is_a_percentage",
            ),
            models.CheckConstraint(
                # Below a half the model is surer of the opposite.
                condition=Q(third_model_percent=None)
                | Q(third_model_percent__gt=50, third_model_percent__lte=100),
                name="reading_rules_model_is_sure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}: {self.blind_percent} % blind"

    @property
    def asks_a_third(self) -> bool:
        """Whether any final opinion goes to a third reader."""
        by_people = self.third_if_first_differs or self.third_if_interim_differs
        return by_people or self.third_model_percent is not None
