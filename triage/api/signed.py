"""What was signed on a closed case, as a list and a case show it."""

from rest_framework import serializers

from triage.api.examples import A_REVIEW
from triage.api.fields import ClassField, CodeField
from triage.api.schema import explained
from triage.models import Review
from triage.review.opinion import given_in
from triage.review.sentence import sentence
from triage.vocabulary import FractureCertainty


class SignedSerializer(serializers.Serializer):
    """The opinion that stands: what closed the case, or its newest correction."""

    review = serializers.UUIDField(source="pk", **explained("The id of the review.", A_REVIEW))
    sentence = serializers.SerializerMethodField(
        **explained(
            "What was signed, in a sentence for people.", "Fracture, certain: spiral, displaced."
        )
    )
    fracture = CodeField(
        FractureCertainty.choices,
        **explained("Whether there is a fracture, as the reader signed it.", "certain"),
    )
    classes = serializers.ListField(
        child=ClassField(),
        **explained("The signed types; empty if none was named.", ["spiral"]),
    )
    signed_at = serializers.DateTimeField(**explained("When, in UTC.", "2026-03-02T09:20:11Z"))

    def get_sentence(self, review: Review) -> str:
        return sentence(given_in(review))
