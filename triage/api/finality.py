"""Whether a review is the answer to its case."""

from rest_framework import serializers

from triage.api.schema import explained
from triage.models import Review
from triage.review.finality import is_final


class IsFinalField(serializers.BooleanField):
    """Of a review whose case was loaded."""

    def __init__(self) -> None:
        super().__init__(
            read_only=True,
            source="*",
            **explained(
                "Whether this opinion is the answer to its case. False: a first reading, an opinion that was "
                "corrected, and one beside which a third reader is asked (the case's `state` is `third`) or "
                "has decided.",
                True,
            ),
        )

    def to_representation(self, review: Review) -> bool:
        return is_final(review, review.case)
