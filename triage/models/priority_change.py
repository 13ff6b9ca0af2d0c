"""A lead changed the priority of a case: who, when, from what to what, and why."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.case import LONGEST_REASON, Case
from triage.models.visibility import SiteOwnedQuerySet
from triage.vocabulary import Priority


class PriorityChangeQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"


class PriorityChange(models.Model):
    """``reason``: in the lead's words. Append-only; only ``triage.review.priority`` writes here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="priority_changes")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField(_("changed"), db_default=Now())
    old_priority = models.PositiveSmallIntegerField(_("before"), choices=Priority.choices)
    new_priority = models.PositiveSmallIntegerField(_("after"), choices=Priority.choices)
    reason = models.TextField(_("reason"), validators=[MaxLengthValidator(LONGEST_REASON)])

    objects = PriorityChangeQuerySet.as_manager()

    #: An event names these fields, without their values.
    PRIVATE_FIELDS = frozenset({"reason"})

    class Meta:
        ordering = ["changed_at", "id"]
        verbose_name = _("change of priority")
        verbose_name_plural = _("changes of priority")
        constraints = [
            models.CheckConstraint(
                condition=~Q(old_priority=F("new_priority")), name="priority_change_changes_it"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="priority_change_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.old_priority} to {self.new_priority}"
