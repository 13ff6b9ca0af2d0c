"""How long a case may wait: the table that a site's clinical lead edits."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site
from triage.vocabulary import FractureClass, Priority


class WaitRule(models.Model):
    """The wait of a priority (``priority`` is set) or of a class (``predicted_class`` is set), in minutes.

    The wait of a class holds from ``minimum_confidence`` (0 to 1) on and can only shorten the wait of the
    priority. ``doubt_minutes`` of a priority: the wait of a case in doubt, at most ``minutes``; null means
    half of ``minutes``. ``triage.worklist.deadlines.WaitTable.allowed`` applies the waits.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="wait_rules")
    priority = models.PositiveSmallIntegerField(
        _("priority"), null=True, blank=True, choices=Priority.choices
    )
    predicted_class = models.CharField(
        _("predicted class"), max_length=24, blank=True, choices=FractureClass.choices
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
            # Two waits for one case would leave it to chance which one counts.
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
            # The model may shorten a wait and never lengthen it, in doubt least of all.
            models.CheckConstraint(
                condition=Q(doubt_minutes=None)
                | Q(priority__isnull=False, doubt_minutes__gt=0, doubt_minutes__lte=F("minutes")),
                name="wait_rule_doubt_never_waits_longer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}: {self.minutes} min"
