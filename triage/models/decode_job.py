"""One file of a case on its way in: stored, to be decoded. A message only makes a worker look for the row."""

from django.db import models
from django.db.models import Q

from triage.models.case import Case
from triage.models.leased_job import LEASED_JOB_CONSTRAINTS, LEASED_JOB_INDEXES, LeasedJob
from triage.states import JobState
from triage.vocabulary import Projection, Side

LONGEST_NAME = 255  # characters of a file's name, as Django cuts it


class StoredNames(models.JSONField):
    """Name of a file that was made → its name in the storage."""


class DecodeJob(LeasedJob):
    """A file as its sender sent it, and what the decoder made of it until the case's decision.

    ``side`` and ``projection``: the sender's words for this file. ``answer``: what the decoder said of it,
    for the decision, which removes it: it holds digests of the header's identity. ``original`` is the storage
    name of the file itself, ``derived`` has name → storage name of what was made of it. The decision moves
    these names to an ``Image``, or removes them with the files. ``refusal_code`` and
    ``refusal_params``: why the file was refused (``triage.intake.refusals``).
    """

    case = models.ForeignKey(  # no index of its own: that of its place begins with it
        Case, models.PROTECT, related_name="decode_jobs", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    priority = models.PositiveSmallIntegerField()
    file_name = models.CharField(max_length=LONGEST_NAME)
    byte_size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    original = models.FileField(max_length=200, blank=True)
    side = models.CharField(max_length=1, blank=True, choices=Side.choices)
    projection = models.CharField(max_length=8, blank=True, choices=Projection.choices)
    answer = models.JSONField(null=True)
    derived = StoredNames(default=dict)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_params = models.JSONField(default=dict)

    class Meta:
        ordering = ["case_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="decode_job_has_its_place"),
            # A second file of the same bytes has its refusal from the beginning.
            models.UniqueConstraint(
                fields=["case", "sha256"],
                condition=Q(refusal_code=""),
                name="decode_job_is_in_a_case_once",
            ),
            # Removing one file's files must not hurt another's. It also finds the row of a stored file.
            models.UniqueConstraint(
                fields=["original"],
                condition=Q(original__startswith="arrived/"),
                name="decode_job_original_is_its_own",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="decode_job_sha256_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(refusal_code="")
                | Q(answer__isnull=True, state__in=[JobState.DONE, JobState.FAILED]),
                name="decode_job_refused_has_ended",
            ),
            *LEASED_JOB_CONSTRAINTS,
        ]
        indexes = [
            # The order in which workers claim jobs, and how much waits.
            models.Index(
                fields=["priority", "queued_at", "id"],
                condition=Q(state=JobState.QUEUED),
                name="decode_job_queue",
            ),
            *LEASED_JOB_INDEXES,
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.position}"  # never the name: this text may come into a log
