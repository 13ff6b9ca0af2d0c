"""The worklist: the same filters, orders and pages as the page of that name."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import time_zone_of
from accounts.models import User
from triage.api.case_page import CasePageSerializer
from triage.api.case_serializers import context_of
from triage.api.examples import A_CURSOR
from triage.api.pagination import address
from triage.api.schema import described, with_example
from triage.api.views import Resource
from triage.disclosure import disclosure_for
from triage.http.paging import next_and_previous
from triage.worklist.filter_types import Choices, Day, Flag, Fraction, Names
from triage.worklist.filters import FILTERS, Filter
from triage.worklist.orders import SORTS
from triage.worklist.query import WorklistQuery

TYPES: dict[type, object] = {Fraction: OpenApiTypes.FLOAT, Day: OpenApiTypes.DATE}


def _url_values(row: Filter, *, old: bool = False) -> list[str] | None:
    """The values that the filter takes, older ones too if ``old``; None if they are not a fixed set."""
    if not isinstance(row.type, Choices):
        return None
    return [option.url_value for option in row.type.options] + (
        list(row.type.synonyms or ()) if old else []
    )


def _parameter(row: Filter) -> OpenApiParameter:
    return OpenApiParameter(
        row.name,
        TYPES.get(type(row.type), str),
        enum=["0", "1"] if isinstance(row.type, Flag) else _url_values(row),
        many=isinstance(row.type, (Choices, Names)),
        description=with_example(row.help, row.example),
    )


def _old_parameter(row: Filter) -> OpenApiParameter:
    text = with_example(f"The older name of `{row.name}`.", row.example)
    values = _url_values(row, old=True)
    return OpenApiParameter(
        row.old_name, str, enum=values, many=True, deprecated=True, description=text
    )


PARAMETERS = [
    OpenApiParameter(
        "sort",
        str,
        enum=SORTS,
        description=with_example(
            "Default: `deadline`. `class` lists suspected fractures first, then those in doubt. `confidence` "
            "goes by the confidence alone, whatever the call; a case without a type counts as 0. `state` is "
            "in the order of its words: `failed`, `predicted`, `received`, then `third` where that is asked "
            "for. If the model's output is hidden from you, these three sorts, and filters on model output, "
            "return an error. "
            "Not for closed states: they are listed by closing time, the newest first.",
            "deadline",
        ),
    ),
    OpenApiParameter(
        "order",
        str,
        enum=("asc", "desc"),
        description=with_example("Default: `desc` for confidence, `asc` for the rest.", "asc"),
    ),
    *(_parameter(row) for row in FILTERS),
    *(_old_parameter(row) for row in FILTERS if row.old_name),
]
CURSOR = OpenApiParameter(
    "cursor", str, description=with_example("Taken from `next` or `previous`.", A_CURSOR)
)


class Worklist(Resource):
    @described(
        "worklist",
        "Cases that wait for a second opinion, the earliest deadline first unless `sort` or `order` differs",
        answers={200: CasePageSerializer},
        errors=(400, 401),
        parameters=[*PARAMETERS, CURSOR],
    )
    def get(self, request: Request) -> Response:
        """The same filters, orders and pages as the worklist of the site. Repeat a filter for "or".

        A page may be shorter than the page size although `next` is not null, because the server scans
        only some hundred cases per site for one page. Follow `next` until it is null.
        Days are those of your site's time zone.
        """
        query = WorklistQuery.from_params(request.query_params)
        disclosure = disclosure_for(request.user)
        with timezone.override(time_zone_for(query, request.user)):
            page = query.page(request.user, sortable=disclosure.sortable)
        next_query, previous_query = next_and_previous(query, page)
        content = {
            "results": page.cases,
            "next": address(request, next_query),
            "previous": address(request, previous_query),
        }
        context = context_of(request, page.cases, disclosure)
        return Response(CasePageSerializer(content, context=context).data)


def time_zone_for(query: WorklistQuery, user: User) -> ZoneInfo | None:
    """The time zone of the requested days. None if no day is requested, which saves a query."""
    has_days = any(query.values(name) for name in ("from", "to", "read_today"))
    return time_zone_of(user) if has_days else None
