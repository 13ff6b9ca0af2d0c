"""Call-backs: a patient who must hear that the signed opinion differs from what the clinic had thought."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site
from accounts.roles import Role
from triage.models.case import Case
from triage.models.interim_opinion import InterimOpinion
from triage.models.review import Review
from triage.models.visibility import SiteOwnedQuerySet

LONGEST_WORDS = 500  # characters, of an attempt or of an end


class CallBackReason(models.TextChoices):
    """How the signed opinion differs, the gravest first."""

    DISLOCATION_MISSED = "dislocation_missed", _("Dislocation missed")
    FRACTURE_MISSED = "fracture_missed", _("Fracture missed")
    POSSIBLE_FRACTURE_MISSED = "possible_fracture", _("Possible fracture missed")
    TREATED_WITHOUT_FRACTURE = "treated_without", _("Treated as a fracture, none was signed")
    CHANGED_SINCE = "changed_since", _("Corrected after the call-back was closed")


class Owner(models.TextChoices):
    """Who must act."""

    SENDER = "sender", _("The sender")
    CLINICIAN = Role.CLINICIAN.value, _("Any clinician of the site")
    REVIEWER = Role.REVIEWER.value, _("Any reviewer of the site")


class CallBackRule(models.Model):
    """One row of a site's table: whether a difference opens a call-back, who must act, and by when.

    A site without rows has those of ``triage.review.call_back_table.DEFAULTS``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="call_back_rules", db_index=False)
    reason = models.CharField(_("difference"), max_length=20, choices=CallBackReason.choices)
    is_on = models.BooleanField(_("call back"), default=True)
    owner = models.CharField(_("who must act"), max_length=12, choices=Owner.choices)
    minutes = models.PositiveIntegerField(_("within minutes"))

    class Meta:
        verbose_name = _("rule of call-backs")
        verbose_name_plural = _("rules of call-backs")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "reason"], name="call_back_rule_is_one_per_reason"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gt=0), name="call_back_rule_gives_some_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}: {self.reason}"


class CallBackOutcome(models.TextChoices):
    """How a call-back ended; "" while it is open."""

    COMES_BACK = "comes_back", _("The patient comes back")
    INFORMED = "informed", _("The patient was informed; nothing else is needed")
    TREATED_ELSEWHERE = "elsewhere", _("Treated elsewhere")
    NO_CHANGE = "no_change", _("The treatment stays as it is")
    OPINION_CORRECTED = "corrected", _("The signed opinion was corrected")
    NOT_REACHABLE = "not_reachable", _("Not reachable; a letter was sent")
    OTHER = "other", _("Something else")


class CallBackQuerySet(SiteOwnedQuerySet):
    def going_on(self) -> "CallBackQuerySet":
        return self.filter(closed_at=None)


class CallBack(models.Model):
    """One loop: opened by a signature, closed only with an outcome.

    Exactly one of ``owner`` and ``owner_role`` says who must act. ``review`` is the opinion that the
    patient must hear of; a correction while the loop is open replaces it. ``step``: how often who must act
    was notified; ``next_at``: when they are notified next, None if not again. All of this is written by
    ``triage.review.call_backs``, ``triage.report.call_backs`` and ``triage.report.call_back_notices`` only.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="call_backs")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    review = models.ForeignKey(Review, models.PROTECT, related_name="+", db_index=False)
    interim = models.ForeignKey(InterimOpinion, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(_("difference"), max_length=20, choices=CallBackReason.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    owner_role = models.CharField(
        _("who must act"), max_length=12, blank=True, choices=Role.choices
    )
    opened_at = models.DateTimeField(_("opened"), db_default=Now())
    act_by = models.DateTimeField(_("act by"))
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    # By the database also where an older version of Callus opens one.
    next_at = models.DateTimeField(null=True, db_default=Now())
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(
        _("outcome"), max_length=16, blank=True, choices=CallBackOutcome.choices
    )
    words = models.TextField(_("words"), blank=True, validators=[MaxLengthValidator(LONGEST_WORDS)])

    objects = CallBackQuerySet.as_manager()

    #: An event names these fields, without their values: the reason is a signed opinion.
    PRIVATE_FIELDS = frozenset({"reason", "outcome", "words"})

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(closed_at=None),
                name="call_back_is_one_per_case_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False, owner_role="") | Q(owner=None) & ~Q(owner_role=""),
                name="call_back_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, outcome="", words="")
                | Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome=""),
                name="call_back_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=CallBackOutcome.OTHER) | ~Q(words=""),
                name="call_back_says_what_else",
            ),
        ]
        indexes = [
            # What must be done at some sites, the earliest due first: few at any time.
            models.Index(
                fields=["site", "act_by"], condition=Q(closed_at=None), name="call_back_to_do"
            ),
            # What was done, the last first: a site's history only grows.
            models.Index(
                fields=["site", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="call_back_closed",
            ),
            # Of which somebody is notified next: few at any time.
            models.Index(
                fields=["next_at"],
                condition=Q(closed_at=None, next_at__isnull=False),
                name="call_back_next",
            ),
        ]

    def __str__(self) -> str:
        return f"call-back of case {self.case_id}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.act_by < timezone.now()

    @property
    def who_must_act(self) -> str:
        """The owner's name, or who has the role."""
        return str(self.owner) if self.owner else str(Owner(self.owner_role).label)


class AttemptOutcome(models.TextChoices):
    """What became of a try to reach the patient."""

    REACHED = "reached", _("Reached")
    NOT_REACHED = "not_reached", _("Not reached")
    MESSAGE_LEFT = "message_left", _("Message left")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    OTHER = "other", _("Something else")


class CallBackAttempt(models.Model):
    """One try to reach the patient. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call_back = models.ForeignKey(CallBack, models.PROTECT, related_name="attempts")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField(_("when"), db_default=Now())
    attempt_outcome = models.CharField(
        _("what became of it"), max_length=16, choices=AttemptOutcome.choices
    )
    words = models.TextField(_("words"), blank=True, validators=[MaxLengthValidator(LONGEST_WORDS)])

    #: An event names these fields, without their values.
    PRIVATE_FIELDS = frozenset({"attempt_outcome", "words"})

    class Meta:
        ordering = ["made_at", "id"]
        verbose_name = _("attempt of a call-back")
        verbose_name_plural = _("attempts of call-backs")
        constraints = [
            models.CheckConstraint(
                condition=~Q(attempt_outcome=AttemptOutcome.OTHER) | ~Q(words=""),
                name="call_back_attempt_says_what_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_attempt_outcome_display()} ({self.made_at})"
