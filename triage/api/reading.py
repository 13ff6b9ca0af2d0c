"""The worklist, claims and reviews."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.documented import documented
from triage.api.serializers import (
    CasePageSerializer,
    CaseSerializer,
    CorrectionInputSerializer,
    EmptySerializer,
    ReviewInputSerializer,
    ReviewSerializer,
)
from triage.api.views import Resource
from triage.models import Review
from triage.review import claims
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import FractureClass
from triage.worklist.query import PRIORITY_NAMES, SORTS, WorklistQuery


def _many(name: str, values: list[str], text: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, enum=values, many=True, description=text)


WORKLIST_PARAMETERS = [
    OpenApiParameter("sort", OpenApiTypes.STR, enum=list(SORTS), description="Default: deadline."),
    OpenApiParameter("order", OpenApiTypes.STR, enum=["asc", "desc"]),
    _many("class", FractureClass.values, "Suggested class."),
    _many("state", CaseState.values, "Default: the open ones."),
    _many("priority", list(PRIORITY_NAMES), "Priority."),
    OpenApiParameter("site", OpenApiTypes.STR, many=True, description="Id or short name."),
    OpenApiParameter("confidence_min", OpenApiTypes.FLOAT),
    OpenApiParameter("confidence_max", OpenApiTypes.FLOAT),
    OpenApiParameter("mine", OpenApiTypes.STR, enum=["0", "1"], description="Claimed by me."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="Received on or after."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Received on or before."),
    OpenApiParameter("q", OpenApiTypes.STR, description="Part of an accession number."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From a page before."),
]


class WorklistView(Resource):
    @documented("The worklist", gives=CasePageSerializer, parameters=WORKLIST_PARAMETERS)
    def get(self, request: Request) -> Response:
        """Open cases of your sites, the earliest deadline first unless told otherwise."""
        page = WorklistQuery.from_params(request.query_params).page(request.user)
        values = {
            "results": page.cases,
            "next": page.next_cursor,
            "previous": page.previous_cursor,
        }
        return Response(CasePageSerializer(values, context={"request": request}).data)


class ClaimView(Resource):
    @documented("Claim a case", takes=EmptySerializer, gives=CaseSerializer)
    def post(self, request: Request, case_id: UUID) -> Response:
        """A lease on the case, or a renewal of your own. 409 names who holds it."""
        case = claims.claim(case=self.case(case_id), reader=request.user)
        return Response(CaseSerializer(case, context={"request": request}).data)

    @documented("Release a case", gives=CaseSerializer)
    def delete(self, request: Request, case_id: UUID) -> Response:
        """Gives your claim back."""
        case = claims.release(case=self.case(case_id), reader=request.user)
        return Response(CaseSerializer(case, context={"request": request}).data)


class RenewView(Resource):
    @documented("Renew a claim", takes=EmptySerializer, gives=CaseSerializer)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Extends your claim; 409 where it has run out."""
        case = claims.renew(case=self.case(case_id), reader=request.user)
        return Response(CaseSerializer(case, context={"request": request}).data)


class ReviewsView(Resource):
    @documented("List a case's reviews", gives=ReviewSerializer(many=True))
    def get(self, request: Request, case_id: UUID) -> Response:
        """Every review of the case, superseded ones too, oldest first."""
        reviews = self.case(case_id).reviews.select_related("reader")
        return Response(ReviewSerializer(reviews, many=True).data)

    @documented("Sign a review", takes=ReviewInputSerializer, gives=ReviewSerializer, status=201)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Signs the second opinion and closes the case. You may not have sent it."""
        case = self.case(case_id)
        values = self.read(ReviewInputSerializer)
        prediction = values.pop("prediction")
        review = sign(case=case, reader=request.user, prediction_id=prediction, **values)
        return Response(ReviewSerializer(review).data, status=201)


class CorrectionsView(Resource):
    @documented(
        "Correct a review", takes=CorrectionInputSerializer, gives=ReviewSerializer, status=201
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        """Signs a correction of your own review; the old one stays and is superseded."""
        reviews = Review.objects.select_related("case", "reader", "prediction")
        review = self.visible(reviews, review_id)
        values = self.read(CorrectionInputSerializer)
        correction = correct(review=review, reader=request.user, **values)
        return Response(ReviewSerializer(correction).data, status=201)
