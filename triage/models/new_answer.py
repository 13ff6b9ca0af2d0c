"""What was signed on a case, until whoever sent the case has seen it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from triage.models.case import Case
from triage.models.review import Review
from triage.models.visibility import SiteOwnedQuerySet
from triage.states import CaseState


class NewAnswerQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"

    def of(self, user: User) -> Self:
        """What ``user`` hasn't seen. An opinion that a third reader will decide over is no answer yet."""
        return self.visible_to(user).filter(sender=user, case__state=CaseState.REVIEWED)


class NewAnswer(models.Model):
    """A case whose sender hasn't seen its ``review``, the opinion that stands. Who has seen it has no row.

    ``seen_hidden``: they called it seen while it was hidden from them. It is new to them once it is shown
    (``triage.report.sent``).

    A trigger on reviews writes it (0053-call-backs.md): no signature and no correction can forget it,
    whichever version signs. A history of answers that were seen has no rows, and costs nothing.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="new_answer")
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    review = models.ForeignKey(Review, models.PROTECT, related_name="+", db_index=False)
    seen_hidden = models.BooleanField(default=False, db_default=False)

    objects = NewAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("new answer")
        verbose_name_plural = _("new answers")
        # Ids of reviews are in the order of time: the newest first.
        indexes = [models.Index(fields=["sender", "-review"], name="new_answer_to_sender")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.review_id}"
