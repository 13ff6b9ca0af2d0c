"""A reader passed a case over: their Next leaves it out for a while, and everybody else still gets it."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.case import LONGEST_REASON, Case
from triage.models.visibility import SiteOwnedQuerySet


class SkipQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"


class Skip(models.Model):
    """``reason``: in the reader's words, "" if they gave none. Only ``triage.review.skips`` writes here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of their own: the one below begins with the reader, and nobody asks who skipped a case.
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    reason = models.TextField(
        _("reason"), blank=True, validators=[MaxLengthValidator(LONGEST_REASON)]
    )
    skipped_at = models.DateTimeField(_("skipped"), db_default=Now())

    objects = SkipQuerySet.as_manager()

    #: An event names these fields, without their values.
    PRIVATE_FIELDS = frozenset({"reason"})

    class Meta:
        verbose_name = _("skip")
        verbose_name_plural = _("skips")
        indexes = [models.Index(fields=["reader", "case"], name="skip_by_reader_and_case")]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.reader_id}"
