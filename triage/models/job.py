"""One image to be read by one release. The row is the job; a Celery message only makes a worker look."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classifier.indication_table import LONGEST_REASON
from triage.models.image import Image
from triage.models.leased_job import LEASED_JOB_CONSTRAINTS, LEASED_JOB_INDEXES, LeasedJob
from triage.models.release import Release
from triage.reasons import EXCLUSIONS, JOB_ERRORS
from triage.states import JobState


class Job(LeasedJob):
    """One image for one release: a leased job that may also end as excluded.

    ``error`` is a ``JobError``. ``reason``: why the release may not be used for the image, which is then not
    read: a code, or the text of the release's own table. Rows of earlier versions have sentences in both.
    """

    image = models.ForeignKey(Image, models.PROTECT, related_name="jobs")
    release = models.ForeignKey(Release, models.PROTECT, related_name="jobs")
    priority = models.PositiveSmallIntegerField(_("priority"))
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            # A message that comes twice finds the job that is there, so no release reads an image twice.
            models.UniqueConstraint(
                fields=["image", "release"], name="job_is_one_per_image_and_release"
            ),
            *LEASED_JOB_CONSTRAINTS,
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
            *LEASED_JOB_INDEXES,
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
