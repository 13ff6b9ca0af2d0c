"""What a review says of the critical result that waits, or waited, for it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from triage.api.examples import A_CRITICAL_RESULT
from triage.api.fields import CodeField
from triage.api.me import PersonSerializer
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce
from triage.models import CriticalResult, Review
from triage.report.critical_of_case import Because, critical_by_review, why_critical
from triage.vocabulary import Stage

BY_READER = "Whether the reader ticked it; `because` says why it is critical else"


@extend_schema_field({"type": "string", "enum": Because.values}, component_name="CriticalBecause")
class BecauseField(CodeField):
    """Takes a critical result with its review, which the caller may see."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=Because.choices,
            source="*",
            read_only=True,
            **explained(
                "Why it is critical: the reader ticked it, the site's table called it so when it was signed, "
                "or it took the place of an opinion that was critical.",
                Because.TABLE.value,
            ),
            **options,
        )

    def to_representation(self, result: CriticalResult) -> str:
        return why_critical(result).value


class CriticalOfReviewSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    """In short what `critical-results/{id}` says."""

    because = BecauseField()
    acknowledged_by = PersonSerializer(allow_null=True, help_text="Who took note; null before.")

    class Meta:
        model = CriticalResult
        fields = ["id", "by_reader", "because", "acknowledged_at", "acknowledged_by"]
        read_only_fields = fields
        extra_kwargs = {
            "id": explained("The critical result's id, a UUID.", A_CRITICAL_RESULT),
            "by_reader": explained(f"{BY_READER}.", False),
            "acknowledged_at": explained("When somebody took note, in UTC; null before.", None),
        }


def critical_of_review(review: Review, context: dict[str, Any]) -> dict[str, Any] | None:
    """``context``: of the serializer that shows the case's reviews. It keeps the results: one query."""
    if review.stage == Stage.FIRST:
        return None  # nobody's answer yet
    known: dict[UUID, dict[UUID, CriticalResult]] = context.setdefault("critical_of_cases", {})
    if review.case_id not in known:
        known[review.case_id] = critical_by_review(review.case_id)
    result = known[review.case_id].get(review.pk)
    return dict(CriticalOfReviewSerializer(result).data) if result else None


@extend_schema_field(CriticalOfReviewSerializer(allow_null=True))
class CriticalOfReviewField(serializers.Field):
    def __init__(self) -> None:
        super().__init__(
            source="*",
            read_only=True,
            help_text="That it is a critical result; null where it isn't, or a correction took its place.",
        )

    def to_representation(self, review: Review) -> dict[str, Any] | None:
        return critical_of_review(review, self.context)
