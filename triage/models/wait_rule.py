"""How long a case may wait: the table that a site's clinical lead edits."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site
from triage.vocabulary import FractureClass, Priority


class WaitRule(models.Model):
    """Either a priority's wait (``priority`` set) or a class's (``predicted_class`` set).

    A class's wait counts from ``minimum_confidence`` up and can only shorten what the priority gives.
    ``doubt_minutes`` of a priority is the wait of a case in doubt, at most ``minutes``; null means half
    of them. How the waits are applied: ``triage.worklist.deadlines.WaitTable.allowed``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="wait_rules")
    priority = models.PositiveSmallIntegerField(
        _("priority"), null=True, blank=True, choices=Priority.choices
    )
    predicted_class = models.CharField(
        _("suggested class"), max_length=24, blank=True, choices=FractureClass.choices
    )
    minimum_confidence = models.FloatField(_("from confidence"), default=0.0)
    minutes = models.PositiveIntegerField(_("allowed wait in minutes"))
    doubt_minutes = models.PositiveIntegerField(
        _("allowed wait in doubt, in minutes"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("allowed wait")
        verbose_name_plural = _("allowed waits")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "priority"],
                condition=Q(priority__isnull=False),
                name="wait_rule_is_one_per_priority",
            ),
            models.UniqueConstraint(
                fields=["site", "predicted_class"],
                condition=~Q(predicted_class=""),
                name="wait_rule_is_one_per_class",
            ),
            models.CheckConstraint(
                condition=Q(priority__isnull=False, predicted_class="")
                | Q(priority=None) & ~Q(predicted_class=""),
                name="wait_rule_is_for_a_priority_or_a_class",
            ),
            models.CheckConstraint(
                condition=Q(minimum_confidence__gte=0, minimum_confidence__lte=1, minutes__gt=0),
                name="wait_rule_is_meaningful",
            ),
            models.CheckConstraint(
                condition=Q(doubt_minutes=None)
                | Q(priority__isnull=False, doubt_minutes__gt=0, doubt_minutes__lte=F("minutes")),
                name="wait_rule_doubt_never_waits_longer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}: {self.minutes} min"
