"""What the clinic thought of a case and did before anybody had signed. Append-only."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import User
from triage.models.case import Case
from triage.models.visibility import SiteOwnedQuerySet

LONGEST_NOTE = 500  # characters: some sentences


class InterimFracture(models.TextChoices):
    """What the treating person sees on the pictures."""

    FRACTURE = "fracture", _("Fracture")
    NONE = "none", _("No fracture")
    UNSURE = "unsure", _("Unsure")


class TreatedAs(models.TextChoices):
    """What the patient was treated as meanwhile."""

    FRACTURE = "fracture", _("A fracture")
    DISLOCATION = "dislocation", _("A dislocation, with or without a fracture")
    SOFT_TISSUE = "soft_tissue", _("A sprain or bruise")
    NOT_TREATED = "not_treated", _("Not treated")
    OTHER = "other", _("Something else")


class InterimOpinionQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"

    def newest(self) -> "InterimOpinionQuerySet":
        """Of each case the one that counts: the newest."""
        of_case = InterimOpinion.objects.filter(case=OuterRef("case"))
        newest = of_case.order_by("-recorded_at", "-pk").values("pk")[:1]
        return self.filter(pk=Subquery(newest))

    def counts_of(self, author: User, case: Case) -> bool:
        """Whether ``author`` recorded the one that counts: a second opinion is compared with it."""
        return self.newest().filter(case=case, author=author).exists()


class InterimOpinion(models.Model):
    """The newest one of a case counts. Each was recorded while the case was open.

    Who may see it is decided by ``triage.review.interim.interim_opinions_for`` alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="interim_opinions")
    # No index of its own: nobody asks what a person has recorded.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    interim_fracture = models.CharField(
        _("fracture"), max_length=12, choices=InterimFracture.choices
    )
    treated_as = models.CharField(_("treated as"), max_length=12, choices=TreatedAs.choices)
    note = models.TextField(
        _("what was done"), blank=True, validators=[MaxLengthValidator(LONGEST_NOTE)]
    )
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    objects = InterimOpinionQuerySet.as_manager()

    #: An event names these fields, without their values.
    PRIVATE_FIELDS = frozenset({"interim_fracture", "treated_as", "note"})

    class Meta:
        ordering = ["recorded_at", "id"]
        verbose_name = _("interim opinion")
        verbose_name_plural = _("interim opinions")
        constraints = [
            models.CheckConstraint(
                condition=~Q(treated_as=TreatedAs.OTHER) | ~Q(note=""),
                name="interim_opinion_says_what_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_interim_fracture_display()} ({self.author})"
