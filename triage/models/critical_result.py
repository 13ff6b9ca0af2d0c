"""Critical results: signed opinions that somebody must take note of at once."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site
from triage.models.call_back import LONGEST_WORDS, Owner
from triage.models.case import Case
from triage.models.review import Review
from triage.models.visibility import SiteOwnedQuerySet
from triage.vocabulary import BodyPart, FractureClass


class CriticalRule(models.Model):
    """One row of a site's table: a signed fracture of this class, of this body part, is critical.

    An empty class or part means any. ``also_possible``: a fracture that the reader only calls possible, too.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="critical_rules", db_index=False)
    fracture_class = models.CharField(
        _("type"), max_length=24, blank=True, choices=FractureClass.choices
    )
    body_part = models.CharField(
        _("body part"), max_length=16, blank=True, choices=BodyPart.choices
    )
    also_possible = models.BooleanField(_("also if only possible"), default=False)

    class Meta:
        verbose_name = _("rule of critical results")
        verbose_name_plural = _("rules of critical results")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "fracture_class", "body_part"],
                name="critical_rule_is_one_per_class_and_part",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}: {self.fracture_class or 'any'}, {self.body_part or 'any'}"


class CriticalStep(models.Model):
    """Who is notified, the first at once, and after how many minutes without an answer the next is.

    The last step comes again each ``minutes``. A site without steps has the table of
    ``triage.review.critical_table``, rules and steps alike.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="critical_steps", db_index=False)
    number = models.PositiveSmallIntegerField()
    role = models.CharField(_("who is notified"), max_length=12, choices=Owner.choices)
    minutes = models.PositiveIntegerField(_("minutes until the next"))

    class Meta:
        verbose_name = _("step of critical results")
        verbose_name_plural = _("steps of critical results")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "number"], name="critical_step_is_one_a_number"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gt=0, number__gt=0), name="critical_step_gives_some_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}: {self.number}. {self.role}"


class CriticalResultQuerySet(SiteOwnedQuerySet):
    def waiting(self) -> "CriticalResultQuerySet":
        """Nobody has taken note yet."""
        return self.filter(acknowledged_at=None)


class CriticalResult(models.Model):
    """A signed opinion that waits until somebody takes note of it.

    ``review``: the opinion that it waits for; a later opinion on the case takes its place, and the table's
    steps begin again. ``by_reader``: the reader ticked that opinion; else the site's table calls it critical,
    or an opinion before it was. ``step``: how many steps were notified, ``steps_before_review`` of them of an
    opinion that was replaced. ``next_at``: when the next is, on the database's clock. ``notified_roles``:
    whom it waits for by now, in the order of the steps.
    Written by ``triage.review.critical_results`` and ``triage.report.critical_results`` only.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="critical_results")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    review = models.ForeignKey(Review, models.PROTECT, related_name="+", db_index=False)
    by_reader = models.BooleanField(_("called critical by the reader"))
    opened_at = models.DateTimeField(_("signed"), db_default=Now())
    step = models.PositiveSmallIntegerField(default=0)
    steps_before_review = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    notified_roles = ArrayField(
        models.CharField(max_length=12, choices=Owner.choices), verbose_name=_("waits for")
    )
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    words = models.TextField(_("words"), blank=True, validators=[MaxLengthValidator(LONGEST_WORDS)])

    objects = CriticalResultQuerySet.as_manager()

    #: An event names them, without their values: what no reader ticked is a fracture by the site's table.
    PRIVATE_FIELDS = frozenset({"words", "by_reader"})

    class Meta:
        verbose_name = _("critical result")
        verbose_name_plural = _("critical results")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(acknowledged_at=None),
                name="critical_result_is_one_per_case_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    acknowledged_at=None, acknowledged_by=None, words="", next_at__isnull=False
                )
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False, next_at=None),
                name="critical_result_waits_or_says_who_took_note",
            ),
        ]
        indexes = [
            # Whose next step is due, and what waits at some sites: few at any time.
            models.Index(
                fields=["next_at"], condition=Q(acknowledged_at=None), name="critical_next"
            ),
            models.Index(
                fields=["site"], condition=Q(acknowledged_at=None), name="critical_waiting"
            ),
            # What somebody took note of, the last first: a site's history only grows.
            models.Index(
                fields=["site", "-acknowledged_at", "-id"],
                condition=Q(acknowledged_at__isnull=False),
                name="critical_acknowledged",
            ),
        ]

    def __str__(self) -> str:
        return f"critical result of case {self.case_id}"

    @property
    def is_waiting(self) -> bool:
        return self.acknowledged_at is None

    @property
    def waits_for(self) -> list[str]:
        return [str(Owner(role).label) for role in self.notified_roles]
