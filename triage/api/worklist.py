"""The worklist: the same filters, orders and pages as the page of that name."""

from collections.abc import Iterable

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_serializers import CasePageSerializer
from triage.api.examples import A_CURSOR
from triage.api.pagination import address
from triage.api.schema import described, with_example
from triage.api.views import Resource
from triage.http.paging import next_and_previous
from triage.states import CaseState
from triage.vocabulary import SUSPICION_NAMES, FractureClass
from triage.worklist.query import PRIORITY_NAMES, SORTS, WorklistQuery


def _one(name: str, kind: object, description: str, example: str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=with_example(description, example))


def _among(
    name: str, words: Iterable[str], description: str, example: str, *, many: bool = False
) -> OpenApiParameter:
    text = with_example(description, example)
    return OpenApiParameter(name, str, enum=list(words), many=many, description=text)


PARAMETERS = [
    _among(
        "sort",
        SORTS,
        "Default: `deadline`. `class` and `confidence` put suspected fractures before all others. "
        "Not for closed states: they are listed by closing time, the newest first.",
        "deadline",
    ),
    _among("order", ("asc", "desc"), "Default: `desc` for confidence, `asc` for the rest.", "asc"),
    _among(
        "finding",
        SUSPICION_NAMES,
        "What the model makes of the case: the strongest call of its images.",
        "positive",
        many=True,
    ),
    _among(
        "class",
        FractureClass.values,
        "The suggested class. Only suspected fractures and doubts have one.",
        "spiral",
        many=True,
    ),
    _among(
        "state",
        CaseState.values,
        "Default: the open ones. Open and closed states can't be mixed.",
        "predicted",
        many=True,
    ),
    _among("priority", PRIORITY_NAMES, "What the sender said.", "stat", many=True),
    OpenApiParameter(
        "site", str, many=True, description=with_example("A site's id or short name.", "north")
    ),
    _one(
        "confidence_min",
        OpenApiTypes.FLOAT,
        "The least confidence of the suggested class, 0 to 1; cases without a class are left out.",
        "0.5",
    ),
    _one(
        "confidence_max",
        OpenApiTypes.FLOAT,
        "The greatest confidence of the suggested class, 0 to 1; cases without a class are left out.",
        "0.9",
    ),
    _among("mine", ("0", "1"), "1: only what I hold a claim on.", "1"),
    _one("from", OpenApiTypes.DATE, "Received on this day or later.", "2026-03-02"),
    _one("to", OpenApiTypes.DATE, "Received on this day or earlier.", "2026-03-08"),
    _one("cursor", OpenApiTypes.STR, "Taken from `next` or `previous`.", A_CURSOR),
]


class Worklist(Resource):
    @described(
        "worklist",
        "Cases that wait for a second opinion, the earliest deadline first unless told otherwise",
        answers={200: CasePageSerializer},
        errors=(400, 401),
        parameters=PARAMETERS,
    )
    def get(self, request: Request) -> Response:
        """The same filters, orders and pages as the worklist of the site. Repeat a filter for "or".

        A page can hold fewer cases than it could while `next` is not null: of each site only
        some hundreds of cases are looked at for a page. Follow `next` until it is null.
        """
        query = WorklistQuery.from_params(request.query_params)
        page = query.page(request.user)
        next_query, previous_query = next_and_previous(query, page)
        content = {
            "results": page.cases,
            "next": address(request, next_query),
            "previous": address(request, previous_query),
        }
        return Response(CasePageSerializer(content, context={"request": request}).data)
