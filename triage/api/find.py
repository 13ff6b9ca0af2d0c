"""Find over REST: a POST, so that the text is in no address and no access log."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_serializers import CaseSerializer, context_of
from triage.api.examples import A_CURSOR
from triage.api.fields import CodeField, TextField
from triage.api.schema import described, explained
from triage.api.views import Resource, StrictSerializer
from triage.models.keys import LONGEST_KEY
from triage.worklist.find import find
from triage.worklist.hits import MatchedField


class FindSerializer(StrictSerializer):
    text = TextField(
        max_length=LONGEST_KEY,
        **explained(
            "An accession number, a patient reference, a file name, an id or the last 8 of one; at most "
            "120 characters.",
            "A-4711",
        ),
    )
    cursor = serializers.CharField(required=False, **explained("Taken from `next`.", A_CURSOR))


class FoundCaseSerializer(CaseSerializer):
    matched = serializers.ListField(
        child=CodeField([field.value for field in MatchedField]),
        **explained("The fields that match the text.", ["accession_number"]),
    )

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "matched"]
        read_only_fields = fields


class FoundPageSerializer(serializers.Serializer):
    results = FoundCaseSerializer(
        many=True, help_text="Cases of your sites that match, best first."
    )
    next = serializers.CharField(
        allow_null=True,
        **explained(
            "The cursor of the next page, to be sent with the same text; null on the last.",
            A_CURSOR,
        ),
    )
    too_many = serializers.BooleanField(
        **explained(
            "True: there are more hits than the 1,000 that are returned. Send a longer text.", False
        )
    )


class Find(Resource):
    @described(
        "find",
        "Find a case in any state by accession number, patient reference, file name or id",
        request=FindSerializer,
        answers={200: FoundPageSerializer},
        errors=(400, 401),
    )
    def post(self, request: Request) -> Response:
        """Composed and decomposed letters, full-width and plain digits, small and capital letters are equal.

        Order: fields that equal the text, then fields that begin with it, then, among the newest 1,000 cases,
        fields that contain it; each group the newest first. The request changes nothing; it is a POST because
        the text can name a patient.
        """
        given = self.checked(FindSerializer)
        page = find(request.user, given["text"], given.get("cursor", ""))
        results: list[Any] = []
        for found in page.found:
            found.case.matched = found.matched  # type: ignore[attr-defined]
            results.append(found.case)
        content = {"results": results, "next": page.next_cursor, "too_many": page.too_many}
        context = context_of(request, results)
        return Response(FoundPageSerializer(content, context=context).data)
