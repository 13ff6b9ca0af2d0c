"""A released model that was registered here. A prediction names its release for ever."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.reasons import RELEASE_PROBLEMS
from triage.states import Activation, ReleaseState

# Tries to load a release before it is set aside. A worker that is killed while it loads has spent one. Not
# one try: a file system that hiccups would turn the model off (docs/decisions/0015).
CHECKS = 3


class ReleaseManager(models.Manager["Release"]):
    """Leaves out the manifest, about 50 kB per row. Django fetches it when somebody reads it.

    ``select_related`` ignores managers: it needs ``defer("release__manifest")``. A check in all tests
    (``tests/manifests.py``) finds where that was forgotten.
    """

    def get_queryset(self) -> models.QuerySet["Release"]:
        return super().get_queryset().defer("manifest")


class Release(models.Model):
    """``sha256`` is the manifest's; the manifest holds the hash of every file of the release.

    ``call_is_usable`` and ``prevalence`` are copied from the manifest, written at registration and never
    changed after. ``prevalence``: the share of broken bones among the pictures that the fracture call was
    calibrated on, 0..1, both excluded; null where the manifest doesn't say.

    The row is also the job of its check. A check waits while ``check_due_at`` is set: a worker takes it
    once that time has come, and moves the time past its own time limit, so that the check of a worker
    that died is due again by itself. ``check_attempt`` fences: a worker that comes back late finds
    another number and changes nothing. ``problem`` says why the last try failed, until one is passed: a
    ``ReleaseProblem``, and ``problem_params`` what its sentence names. Old rows have the sentence itself.

    A usable release whose check waits is suspended: it stays active, and its jobs wait for the check.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=80)
    version = models.CharField(_("version"), max_length=40)
    sha256 = models.CharField(max_length=64, unique=True)
    manifest = models.JSONField()
    folder = models.CharField(max_length=200, help_text=_("Below the installation's model folder."))
    call_is_usable = models.BooleanField(
        _("call may be used"),
        default=False,
        help_text=_("Fracture or none: otherwise every assessable picture counts as in doubt."),
    )
    prevalence = models.FloatField(null=True)
    is_active = models.BooleanField(_("active"), default=False)
    state = models.CharField(
        _("state"), max_length=12, choices=ReleaseState.choices, default=ReleaseState.CHECKING
    )
    activation = models.CharField(
        _("after the check"),
        max_length=8,
        blank=True,
        choices=Activation.choices,
        default=Activation.BY_HAND,
    )
    problem = models.CharField(_("what went wrong"), max_length=500, blank=True)
    problem_params = models.JSONField(default=dict, db_default={}, blank=True)
    check_due_at = models.DateTimeField(_("next check"), null=True)
    checks_left = models.PositiveSmallIntegerField(_("checks left"), default=CHECKS)
    check_attempt = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(_("last check"), null=True)
    registered_at = models.DateTimeField(_("registered"), auto_now_add=True)
    activated_at = models.DateTimeField(_("activated"), null=True)

    objects = ReleaseManager()

    class Meta:
        base_manager_name = "objects"  # for job.release and its like
        ordering = ["-registered_at"]
        verbose_name = _("model release")
        verbose_name_plural = _("model releases")
        constraints = [
            # Pages, reports and the audit trail name a release by name and version.
            models.UniqueConstraint(fields=["name", "version"], name="release_version_is_one"),
            # New cases are read by the active release, so there can't be two.
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="release_active_is_one"
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(state=ReleaseState.USABLE),
                name="release_active_is_usable",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReleaseState.SET_ASIDE) | ~Q(problem=""),
                name="release_set_aside_says_why",
            ),
            models.CheckConstraint(
                condition=Q(prevalence=None) | Q(prevalence__gt=0, prevalence__lt=1),
                name="release_prevalence_is_a_share",
            ),
            # Without a next check, a release would be checked for ever.
            models.CheckConstraint(
                condition=Q(state=ReleaseState.USABLE)
                | Q(state=ReleaseState.CHECKING, check_due_at__isnull=False)
                | Q(state=ReleaseState.SET_ASIDE, check_due_at=None),
                name="release_checking_has_a_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def problem_to_show(self) -> str:
        """Why the last try failed, in the reader's language; "" where none has."""
        return RELEASE_PROBLEMS.text(self.problem, self.problem_params)

    @property
    def is_suspended(self) -> bool:
        """True: it was usable, then a worker couldn't load it. The next check decides."""
        return self.state == ReleaseState.USABLE and self.check_due_at is not None


class ReleaseLoad(models.Model):
    """A worker is loading a release. The worker deletes the row when it has loaded it.

    If the lease of a row ran out, or its own worker finds it again, the process was killed or hung while it
    loaded. That is not a picture's fault.
    """

    release = models.ForeignKey(Release, models.CASCADE, related_name="loads")
    worker = models.CharField(max_length=100)
    leased_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.release_id} by {self.worker} until {self.leased_until}"
