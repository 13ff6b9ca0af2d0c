"""A keyset page of cases."""

from rest_framework import serializers

from triage.api.case_serializers import CaseSerializer
from triage.api.examples import A_CURSOR
from triage.api.schema import explained

_PAGE = f"https://callus.example.org/api/v1/cases?cursor={A_CURSOR}"


class CasePageSerializer(serializers.Serializer):
    """A keyset page. ``next`` and ``previous`` are addresses, null at the ends."""

    results = CaseSerializer(many=True, help_text="The cases of this page, in its order.")
    next = serializers.URLField(
        allow_null=True, **explained("Address of the next page; null on the last.", _PAGE)
    )
    previous = serializers.URLField(
        allow_null=True, **explained("Address of the page before; null on the first.", _PAGE)
    )
