"""Next: claims the most urgent case of a view."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_detail_serializers import CaseDetailSerializer
from triage.api.cases import case_response
from triage.api.schema import described
from triage.api.views import Nothing, Resource, no_content
from triage.api.worklist import PARAMETERS, time_zone_for
from triage.models import Reading
from triage.review.next_case import NothingLeft, take_next
from triage.worklist.query import WorklistQuery


class NextCase(Resource):
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
        get two cases.

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
