"""The worklist: the same filters, orders and pages as the page of that name."""

from collections.abc import Iterable

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_shapes import CasePageSerializer
from triage.api.pages import address
from triage.api.resource import Resource
from triage.api.schema import described
from triage.states import CaseState
from triage.vocabulary import SUSPICION_NAMES, FractureClass
from triage.worklist.query import PRIORITY_NAMES, SORTS, WorklistQuery


def _one(name: str, kind: object, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=description)


def _among(
    name: str, words: Iterable[str], description: str, *, many: bool = False
) -> OpenApiParameter:
    return OpenApiParameter(name, str, enum=list(words), many=many, description=description)


PARAMETERS = [
    _among(
        "sort",
        SORTS,
        "Default: `deadline`. `class` and `confidence` put suspected fractures before all others. "
        "Not for closed states: they are listed by closing time, the newest first.",
    ),
    _among("order", ("asc", "desc"), "Default: `desc` for confidence, `asc` for the rest."),
    _among(
        "finding",
        SUSPICION_NAMES,
        "What the model makes of the case: the strongest call of its images.",
        many=True,
    ),
    _among(
        "class",
        FractureClass.values,
        "The suggested class. Only suspected fractures and doubts have one.",
        many=True,
    ),
    _among(
        "state",
        CaseState.values,
        "Default: the open ones. Open and closed states can't be mixed.",
        many=True,
    ),
    _among("priority", PRIORITY_NAMES, "What the sender said.", many=True),
    OpenApiParameter("site", str, many=True, description="Id or short name."),
    _one("confidence_min", OpenApiTypes.FLOAT, "0..1, of the suggested class, and like it."),
    _one("confidence_max", OpenApiTypes.FLOAT, "0..1, of the suggested class, and like it."),
    _among("mine", ("0", "1"), "1: only what I hold a claim on."),
    _one("from", OpenApiTypes.DATE, "Received on this day or later."),
    _one("to", OpenApiTypes.DATE, "Received on this day or earlier."),
    _one("cursor", OpenApiTypes.STR, "Taken from `next` or `previous`."),
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
        next_, previous = page.next_cursor, page.previous_cursor
        content = {
            "results": page.cases,
            "next": address(request, next_ and query.params(cursor=next_)),
            "previous": address(request, previous and query.params(cursor=previous)),
        }
        return Response(CasePageSerializer(content, context={"request": request}).data)
