"""Where a case stands: in a view of the worklist, and among the cases of the same patient."""

from uuid import UUID

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_serializers import CaseSerializer, context_of
from triage.api.schema import described, explained
from triage.api.views import Resource, only_parameters
from triage.api.worklist import PARAMETERS, time_zone_for
from triage.disclosure import disclosure_for
from triage.http.earlier_cases import earlier_cases
from triage.models import Case
from triage.worklist.paging import in_order
from triage.worklist.position import position_of
from triage.worklist.query import WorklistQuery


class PositionSerializer(serializers.Serializer):
    at = serializers.IntegerField(
        allow_null=True,
        **explained("Its place, 1 is the first; null if the view doesn't hold it that far.", 4),
    )
    count = serializers.IntegerField(
        allow_null=True, **explained("Cases of the view, at most 1000; null as `at`.", 41)
    )
    has_more = serializers.BooleanField(**explained("Whether it holds more than that.", False))


class CasePosition(Resource):
    @described(
        "case_position",
        "Where a case stands in a view of the worklist",
        answers={200: PositionSerializer},
        errors=(400, 401, 404),
        parameters=PARAMETERS,
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """The filters and orders are those of the worklist, which is counted no further than 1000 cases."""
        case = self.visible(Case.objects.all(), case_id)
        query = WorklistQuery.from_params(request.query_params)
        sortable = disclosure_for(request.user).sortable
        query.refuse_hidden(sortable)
        with timezone.override(time_zone_for(query, request.user)):
            position = position_of(case.pk, query, request.user, sortable)
        nowhere = {"at": None, "count": None, "has_more": False}
        return Response(PositionSerializer(position or nowhere).data)


class EarlierCasesSerializer(serializers.Serializer):
    results = CaseSerializer(
        many=True,
        help_text="At most 20: those of the same part and side first, then the newest first.",
    )


class EarlierCases(Resource):
    @described(
        "earlier_cases",
        "Earlier cases of the same patient reference and site, to be laid beside it",
        answers={200: EarlierCasesSerializer},
        errors=(400, 401, 404),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """None where the case has no patient reference. Withdrawn and replaced cases are left out."""
        only_parameters(request)
        case = self.visible(Case.objects.all(), case_id)
        cases = in_order(earlier.pk for earlier in earlier_cases(case, request.user))
        context = context_of(request, cases)
        return Response(EarlierCasesSerializer({"results": cases}, context=context).data)
