"""One image to be read by one release. The row is the job; a Celery message only makes a worker look."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from classifier.indication_table import LONGEST_REASON
from triage.models.image import Image
from triage.models.release import Release
from triage.reasons import EXCLUSIONS, JOB_ERRORS
from triage.states import JobState

# Tries to read a picture before its job fails. Two could meet the same short trouble; what fails three
# times is the picture's own fault.
ATTEMPTS = 3


class Job(models.Model):
    """One image for one release: queued, running under a lease, then done, failed or excluded.

    ``attempt`` fences results: a worker that lost its lease finds another number and changes nothing.
    ``alone``: the job's batch was lost, so the job is retried by itself. A picture that kills its worker
    then spends its own attempts only. ``interruptions``: how often the job was put back for a fault that
    isn't its picture's (time, memory, storage). Such a fault spends no attempt, but it is not repeated for
    ever. Nobody takes the job before ``not_before``. ``error`` is a ``JobError``; ``error_detail`` is for
    operators. ``reason``: why the release may not be used for the image, which is then not read: a code, or
    the text of the release's own table. Rows of earlier versions have sentences in both.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    image = models.ForeignKey(Image, models.PROTECT, related_name="jobs")
    release = models.ForeignKey(Release, models.PROTECT, related_name="jobs")
    state = models.CharField(
        _("state"), max_length=12, choices=JobState.choices, default=JobState.QUEUED
    )
    priority = models.PositiveSmallIntegerField(_("priority"))
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    attempts_left = models.PositiveSmallIntegerField(default=ATTEMPTS)
    alone = models.BooleanField(default=False)
    interruptions = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    error_detail = models.TextField(blank=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            # A message that comes twice finds the job that is there, so no release reads an image twice.
            models.UniqueConstraint(
                fields=["image", "release"], name="job_is_one_per_image_and_release"
            ),
            # The sweep looks for leases: a running job without one would never be taken back.
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, leased_until__isnull=False)
                | ~Q(state=JobState.RUNNING) & Q(leased_until=None),
                name="job_lease_means_running",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobState.FAILED) | ~Q(error=""), name="job_failed_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state=JobState.EXCLUDED) & ~Q(reason="")
                | ~Q(state=JobState.EXCLUDED) & Q(reason=""),
                name="job_excluded_says_why",
            ),
        ]
        indexes = [
            # The order in which workers claim jobs. Only queued ones: history doesn't slow a claim down.
            models.Index(
                fields=["priority", "queued_at", "id"],
                condition=Q(state=JobState.QUEUED),
                name="job_queue",
            ),
            # What an activation gathers, and each sweep looks for.
            models.Index(
                fields=["release"],
                condition=Q(state__in=[JobState.QUEUED, JobState.FAILED]),
                name="job_unread_by_release",
            ),
            # The same for excluded jobs: an activation takes all of them, a sweep the latest ones.
            models.Index(
                fields=["release", "finished_at"],
                condition=Q(state=JobState.EXCLUDED),
                name="job_excluded_by_release",
            ),
            # What the sweep takes back, every ten seconds.
            models.Index(
                fields=["leased_until"], condition=Q(state=JobState.RUNNING), name="job_leases"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} by {self.release}"

    @property
    def failure_to_show(self) -> str:
        """Why the active release could not read the image; "" otherwise.

        A failure of an older release is not shown: the newer one has read the image since, or will.
        """
        return JOB_ERRORS.text(self._shown_error)

    @property
    def failure_code(self) -> str:
        """The same as a code."""
        return JOB_ERRORS.code(self._shown_error)

    @property
    def reason_to_show(self) -> str:
        """Why the release is not for the image, in the reader's language; "" otherwise."""
        return EXCLUSIONS.text(self.reason)

    @property
    def _shown_error(self) -> str:
        failed = self.state == JobState.FAILED and self.release.is_active
        return self.error if failed else ""
