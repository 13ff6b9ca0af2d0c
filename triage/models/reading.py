"""One reader's work on one case, from claiming it to the end. History: a row is never deleted."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site, User
from triage.models.case import LONGEST_REASON, Case
from triage.models.visibility import SiteOwnedQuerySet


class Ended(models.TextChoices):
    """Why a reading ended; "" while it goes on."""

    SIGNED = "signed", _("Signed")
    RELEASED = "released", _("Released by the reader")
    LAPSED = "lapsed", _("The claim ran out")
    WITHDRAWN = "withdrawn", _("The case was withdrawn")
    TAKEN_OVER = "taken_over", _("Another reader took the case over")
    BY_LEAD = "by_lead", _("Ended by a lead of the site")


class ReadingQuerySet(SiteOwnedQuerySet):
    def going_on(self) -> "ReadingQuerySet":
        """Readings that have not ended. The claim of one may have run out: then anybody may take the case."""
        return self.filter(ended_at=None)

    def live(self) -> "ReadingQuerySet":
        """Readings whose claim has not run out: nobody else may take their cases."""
        return self.going_on().filter(claimed_until__gt=Now())

    def held_by(self, reader: User) -> "ReadingQuerySet":
        """What ``reader`` holds now: one rule for the limit, the list and its count, and the renewal."""
        return self.live().filter(reader=reader)


class Reading(models.Model):
    """``claimed_until``: the lease, on the database's clock; once it is past, another reader may begin.

    A reading whose claim ran out ends when the next one begins, when the case is closed, or when a
    task finds it. Renewing a claim writes this narrow row: a case's row is in so many indexes that each
    renewal cost them all.
    Only ``triage.review.claims`` writes here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="readings")
    # Always the case's: a foreign key of both columns holds it. It begins the index of ``stamps``, and the
    # trigger reads from it whose lists change. No index of its own.
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    reader = models.ForeignKey(  # no index of its own: no query asks for a reader's ended readings
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="readings", db_index=False
    )
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    # In no index, so that a renewal can stay on its page (a heap-only update) and writes no index.
    claimed_until = models.DateTimeField(_("claimed until"))
    signed_at = models.DateTimeField(_("signed"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended = models.CharField(_("why it ended"), max_length=12, blank=True, choices=Ended.choices)
    # Of a claim that somebody else ended: who, and why in their words. The migration has the foreign key.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    ended_reason = models.TextField(
        _("reason"), blank=True, db_default="", validators=[MaxLengthValidator(LONGEST_REASON)]
    )

    objects = ReadingQuerySet.as_manager()

    #: An event names these fields, without their values.
    PRIVATE_FIELDS = frozenset({"ended_reason"})

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [
            # Two readers never hold one case at once: docs/decisions/0029-a-reading-is-a-row.md.
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(ended_at=None),
                name="reading_is_one_per_case_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended="") | Q(ended_at__isnull=False) & ~Q(ended=""),
                name="reading_ended_says_why",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) & ~Q(ended=Ended.SIGNED)
                | Q(signed_at__isnull=False, ended=Ended.SIGNED),
                name="reading_signed_has_ended",
            ),
            models.CheckConstraint(
                condition=Q(ended__in=[Ended.TAKEN_OVER, Ended.BY_LEAD], ended_by__isnull=False)
                & ~Q(ended_reason="")
                | ~Q(ended__in=[Ended.TAKEN_OVER, Ended.BY_LEAD])
                & Q(ended_by=None, ended_reason=""),
                name="reading_ended_by_another_says_who_and_why",
            ),
        ]
        indexes = [
            # A reader's own claims, and the claims of some sites, which each poll of a list counts: both few.
            models.Index(
                fields=["reader", "site"], condition=Q(ended_at=None), name="reading_by_reader"
            ),
            models.Index(fields=["site"], condition=Q(ended_at=None), name="reading_by_site"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.reader_id}"

    @property
    def was_lost(self) -> bool:
        """Whether somebody else ended it."""
        return self.ended in (Ended.TAKEN_OVER, Ended.BY_LEAD)

    @property
    def is_claimed(self) -> bool:
        """Whether the claim has not run out."""
        return self.ended_at is None and self.claimed_until > timezone.now()
