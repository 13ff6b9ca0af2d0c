"""Ending another reader's claim: an idle one is taken over, and a lead of the site ends any."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from triage.api import claims
from triage.api.case_detail_serializers import CaseDetailSerializer
from triage.api.cases import case_response
from triage.api.fields import TextField
from triage.api.schema import described, explained
from triage.api.views import Resource, StrictSerializer
from triage.models import Case, Reading
from triage.review import taking_over
from triage.review.claims import claim_lapsed


class TakeOverSerializer(StrictSerializer):
    reason = TextField(
        max_length=500,
        **explained("Why, at most 500 characters. The other reader sees it.", "You went home"),
    )


class TakeOver(Resource):
    @described(
        "take_over_case",
        "Claim a case whose holder has not worked on it for a while; 409 says from when on",
        request=TakeOverSerializer,
        answers={200: claims.ClaimSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """A claim is idle when two fifths of its time have gone by without a renewal."""
        case = self.visible(Case.objects.all(), case_id)
        reason = self.checked(TakeOverSerializer)["reason"]

        def taken() -> Reading:
            return taking_over.take_over(case=case, reader=request.user, reason=reason)

        reading = self.once(Reading, taken)
        if not reading.is_claimed:
            raise claim_lapsed()
        return Response(claims.live_claim(reading))


class ClaimEnd(Resource):
    @described(
        "end_claim",
        "End another reader's claim, as a lead of the site; the case is free then",
        request=TakeOverSerializer,
        answers={200: CaseDetailSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """A lead manages the site (`admin`) and gives opinions there (`clinician` or `reviewer`)."""
        case = self.visible(Case.objects.all(), case_id)
        reason = self.checked(TakeOverSerializer)["reason"]

        def ended() -> Case:
            return taking_over.end_claim(case=case, actor=request.user, reason=reason)

        return case_response(request, self.once(Case, ended))
