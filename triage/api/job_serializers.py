"""How far the work on an image is."""

from rest_framework import serializers

from triage.api.fields import JobStateField
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce
from triage.models import Job


class JobSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    """Where the reading of an image stands. ``failure`` is "" unless the active release failed."""

    state = JobStateField(
        **explained(
            "`queued`, `running`, `done`, `failed`, or `excluded`: the release is not for such images.",
            "done",
        )
    )
    failure = serializers.CharField(
        source="failure_to_show",
        **explained("What went wrong, in a sentence; empty unless it failed.", ""),
    )
    failure_code = serializers.CharField(
        **explained("The same as a code, such as `no_memory`; empty where `failure` is.", "")
    )

    class Meta:
        model = Job
        fields = [
            *("state", "attempt", "queued_at", "started_at", "finished_at"),
            *("failure", "failure_code"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "attempt": explained("How often a worker has taken it; 0 or more.", 1),
            "queued_at": explained("When it was queued, in UTC.", "2026-03-02T09:14:26Z"),
            "started_at": explained(
                "When a worker took it, in UTC; null before that.", "2026-03-02T09:14:27Z"
            ),
            "finished_at": explained(
                "When it ended, in UTC; null before that.", "2026-03-02T09:14:27Z"
            ),
        }
