"""Next and previous: the most urgent case of a view is claimed, and those signed last are listed."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_detail_serializers import CaseDetailSerializer
from triage.api.case_serializers import CaseSerializer, context_of
from triage.api.cases import case_response
from triage.api.examples import A_CASE, A_REVIEW
from triage.api.schema import described, explained
from triage.api.views import Nothing, Resource, no_content
from triage.api.worklist import PARAMETERS, time_zone_for
from triage.disclosure import disclosure_for
from triage.models import Reading
from triage.review.next_case import NothingLeft, candidates, take_next
from triage.review.previous import last_signed
from triage.worklist.query import WorklistQuery


class CandidatesSerializer(serializers.Serializer):
    results = CaseSerializer(many=True, help_text="The cases, the most urgent first.")


class PreviousReviewSerializer(serializers.Serializer):
    case = serializers.UUIDField(**explained("The case's id.", A_CASE), source="case_id")
    review = serializers.UUIDField(
        **explained("The id of your first review of it.", A_REVIEW), source="pk"
    )
    signed_at = serializers.DateTimeField(
        **explained("When you signed it, in UTC.", "2026-03-02T09:20:11Z")
    )


class PreviousSerializer(serializers.Serializer):
    results = PreviousReviewSerializer(many=True, help_text="At most twenty, the newest first.")


class Previous(Resource):
    @described(
        "previous_cases",
        "The cases that you signed last, to look at again or to correct",
        answers={200: PreviousSerializer},
        errors=(401,),
    )
    def get(self, request: Request) -> Response:
        """At most twenty, the newest first."""
        results = last_signed(request.user).only("case_id", "signed_at")
        return Response(PreviousSerializer({"results": results}).data)


class NextCase(Resource):
    @described(
        "next_candidates",
        "The two cases that Next would claim now, to fetch their pictures meanwhile; nothing is claimed",
        answers={200: CandidatesSerializer},
        errors=(400, 401),
        parameters=PARAMETERS,
    )
    def get(self, request: Request) -> Response:
        """In the order of the worklist, as you may see it. Another reader may take them before you."""
        query = WorklistQuery.from_params(request.query_params)
        disclosure = disclosure_for(request.user)
        with timezone.override(time_zone_for(query, request.user)):
            cases = candidates(request.user, query, disclosure)
        context = context_of(request, cases, disclosure)
        return Response(CandidatesSerializer({"results": cases}, context=context).data)

    @described(
        "next_case",
        "Claim the most urgent case of a view that you may sign and nobody holds; 204 where none is left",
        answers={200: CaseDetailSerializer, 204: None},
        errors=(400, 401, 403, 409),
        once=True,
        parameters=PARAMETERS,
    )
    def post(self, request: Request) -> Response:
        """The filters and orders are those of the worklist; a cursor is ignored. Two readers who ask at once
        get two cases. As in every list, cases that wait for a third reader are left out unless `state=third`
        asks for them; you get those that you have not read before.

        409 (`too_many_claims`) if you hold as many cases as one reader may. With `mine=1` the answer is the
        first case that you hold already, and its claim is renewed.
        """
        self.checked(Nothing)
        query = WorklistQuery.from_params(request.query_params)

        def taken() -> Reading:
            with timezone.override(time_zone_for(query, request.user)):
                return take_next(reader=request.user, query=query)

        try:
            reading = self.once(Reading, taken)
        except NothingLeft:
            return no_content()
        return case_response(request, reading.case)
