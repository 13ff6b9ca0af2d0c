"""What a reader has written on a case and not signed: docs/decisions/0049-drafts-live-on-the-server.md."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Cast, Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import User
from accounts.roles import READS_CASES, Role
from triage.models.case import Case
from triage.models.review import Review
from triage.models.visibility import SiteOwnedQuerySet

# Characters of the stored JSON, whatever the bounds of its fields become (``triage.review.drafts``).
LARGEST = 100_000


class DraftQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"

    def visible_to(self, user: User | AnonymousUser, roles: Iterable[Role] = READS_CASES) -> Self:
        """The person's own drafts, of cases that they still see. Nobody sees another's."""
        return super().visible_to(user, roles).filter(reader_id=user.pk)


class Draft(models.Model):
    """``content``: name of a field of the form → its text, or a list of texts. ``version`` is another one
    after each save; ``editor`` is the page that saved last, so that it never conflicts with itself.
    ``corrects``: the reader's own review that it is a correction of; null where it is an opinion.

    Only ``triage.review.drafts`` writes here. Nobody but the reader sees it, and the audit trail doesn't name
    it: it is no statement of anybody.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of their own: the unique one begins with the reader, and nobody asks who writes on a case.
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    # Unconstrained in the column's own statement, which would lock both tables: the migration adds it.
    corrects = models.ForeignKey(
        Review, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    content = models.JSONField(_("content"))
    version = models.UUIDField(default=new_id)
    editor = models.UUIDField(null=True)
    saved_at = models.DateTimeField(_("saved"), db_default=Now())

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "case", "corrects"],
                nulls_distinct=False,
                name="draft_is_one_per_opinion_and_correction",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length(Cast("content", models.TextField())), LARGEST),
                name="draft_is_bounded",
            ),
        ]
        # For the sweep.
        indexes = [models.Index(fields=["saved_at"], name="draft_by_age")]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.reader_id}"
