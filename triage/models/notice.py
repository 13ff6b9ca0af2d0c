"""Notices: mails that ask a person to open Callus. None says what was found, or of whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site
from triage.models.call_back import CallBack
from triage.models.critical_result import CriticalResult
from triage.models.visibility import SiteOwnedQuerySet


class NoticeState(models.TextChoices):
    WAITING = "waiting", _("To be sent")
    SENT = "sent", _("Sent")
    NOT_NEEDED = "not_needed", _("Not needed any more")
    FAILED = "failed", _("Could not be sent")


class NoticeError(models.TextChoices):
    """Why the last try failed; the operators' log has the rest."""

    UNREACHABLE = "unreachable", _("The mail server could not be reached.")
    REFUSED = "refused", _("The mail server refused it.")
    OTHER = "other", _("It could not be written or sent.")


class Notice(models.Model):
    """One mail to one person about a critical result or a call-back. The row is the work and the log of it.

    A worker claims it until ``claimed_until``, hands it to the mail server, and then says what became of it.
    A worker that dies in between loses nothing: the mail goes out again, under the same Message-ID.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    critical_result = models.ForeignKey(
        CriticalResult, models.PROTECT, null=True, related_name="notices"
    )
    # No index of its own: the unique one below begins with it.
    call_back = models.ForeignKey(
        CallBack,
        models.PROTECT,
        null=True,
        related_name="notices",
        db_index=False,
        db_constraint=False,
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    step = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(_("when"), db_default=Now())
    state = models.CharField(
        _("state"), max_length=12, choices=NoticeState.choices, default=NoticeState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(_("error"), max_length=12, blank=True, choices=NoticeError.choices)

    objects = SiteOwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            # Two workers that take the same step at once notify nobody twice.
            models.UniqueConstraint(
                fields=["critical_result", "step", "person"],
                name="notice_is_one_per_person_and_step",
            ),
            models.UniqueConstraint(
                fields=["call_back", "step", "person"],
                name="notice_is_one_per_person_and_call_back_step",
            ),
            models.CheckConstraint(
                condition=Q(critical_result=None, call_back__isnull=False)
                | Q(critical_result__isnull=False, call_back=None),
                name="notice_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False)
                | ~Q(state=NoticeState.SENT) & Q(sent_at=None),
                name="notice_sent_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state=NoticeState.WAITING),
                name="notice_to_send",
            ),
            models.Index(fields=["site", "-created_at"], name="notice_log_of_site"),
            models.Index(fields=["person", "-created_at"], name="notice_log_of_person"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"

    @property
    def about(self) -> CallBack | CriticalResult:
        """What the person is asked to look at."""
        found = self.critical_result or self.call_back
        if found is None:  # the database holds that it is one of both
            raise ValueError(f"{self} is about nothing")
        return found

    @property
    def label(self) -> str:
        """What it is about, in a word that says nothing of a case."""
        return str(_("Call-back") if self.call_back_id else _("Critical result"))


class NoticeChoice(models.Model):
    """Whether a person gets notices by mail. Who has no row gets them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="notice_choice"
    )
    by_email = models.BooleanField(_("notices by e-mail"), default=True)

    class Meta:
        verbose_name = _("choice of notices")
        verbose_name_plural = _("choices of notices")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.by_email}"
