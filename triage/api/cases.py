"""Cases: sent, listed, read, withdrawn, retried."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions
from rest_framework.parsers import BaseParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Site
from triage.api.documented import documented
from triage.api.serializers import (
    CaseCreatedSerializer,
    CaseDetailSerializer,
    CaseInputSerializer,
    CasePageSerializer,
    EmptySerializer,
    WithdrawalSerializer,
)
from triage.api.views import Resource
from triage.inference.services import retry_case
from triage.intake.details import CaseDetails
from triage.intake.services import IncomingFile, receive_case, withdraw_case
from triage.models import Case
from triage.models.visibility import sites_where
from triage.vocabulary import Source
from triage.worklist.keyset import Cursor, Key, beyond, key_of

NEWEST_FIRST = (Key("received_at", descending=True), Key("id", descending=True))
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="Where the page begins.")
PAGE = 50


class RequestTooLarge(exceptions.APIException):
    status_code = 413
    default_code = "request_too_large"


def detailed(case: Case) -> Case:
    """The case with everything that its detail shows, in a fixed number of queries."""
    return (
        Case.objects.select_related("site", "sender", "claimed_by")
        .prefetch_related("images__jobs", "images__predictions__release", "reviews__reader")
        .get(pk=case.pk)
    )


class CasesView(Resource):
    def get_parsers(self) -> list[BaseParser]:
        return [MultiPartParser(), JSONParser()]

    @documented("List cases", gives=CasePageSerializer, parameters=[CURSOR])
    def get(self, request: Request) -> Response:
        """Cases of your sites in any state, newest first."""
        cases = Case.objects.visible_to(request.user).select_related("site", "claimed_by")
        text = request.query_params.get("cursor")
        if text:
            cursor = Cursor.decode(text, NEWEST_FIRST, Case)
            cases = cases.filter(beyond(NEWEST_FIRST, cursor.values))
        rows = list(cases.order_by(*(key.order_by for key in NEWEST_FIRST))[: PAGE + 1])
        shown = rows[:PAGE]
        more = len(rows) > PAGE
        page = {
            "results": shown,
            "next": Cursor(key_of(shown[-1], NEWEST_FIRST)).encode() if more else None,
            "previous": None,
        }
        return Response(CasePageSerializer(page, context={"request": request}).data)

    @documented(
        "Send a case",
        takes={"multipart/form-data": CaseInputSerializer},
        gives=CaseCreatedSerializer,
        status=201,
    )
    def post(self, request: Request) -> Response:
        """One case with 1 to 20 images, all or nothing; refused files are named with the reason."""
        self._check_size(request)
        values = self._fields(request)
        site = self._site(values.pop("site"))
        files = [IncomingFile(each.name or "", each.read()) for each in values.pop("images")]
        received = receive_case(
            sender=request.user,
            site=site,
            files=files,
            details=CaseDetails(**values),
            source=Source.API if request.auth else Source.WEB,
        )
        case: Any = detailed(received.case)
        case.duplicates = received.duplicates
        context = {"request": request}
        return Response(CaseCreatedSerializer(case, context=context).data, status=201)

    def _check_size(self, request: Request) -> None:
        """Refuses a body that can't be a case before it is read."""
        limits = settings.CALLUS_INTAKE
        most = limits["max_images"] * limits["max_bytes"] + 1024 * 1024
        length = request._request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > most:
            text = _("The request is larger than %(megabytes)d MB. Send fewer pictures at once.")
            raise RequestTooLarge(text % {"megabytes": most // 1024**2})

    def _fields(self, request: Request) -> dict[str, Any]:
        if not request.content_type.startswith("multipart/"):
            raise exceptions.UnsupportedMediaType(request.content_type)
        data = request.data
        values = {name: data.getlist(name) for name in data}
        flat = {name: each if name == "images" else each[-1] for name, each in values.items()}
        flat = {name: value for name, value in flat.items() if value != ""}
        incoming = CaseInputSerializer(data=flat)
        incoming.is_valid(raise_exception=True)
        return dict(incoming.validated_data)

    def _site(self, text: str) -> Site:
        mine = Site.objects.filter(pk__in=sites_where(self.request.user))
        for site in mine:
            if text in (site.slug, str(site.pk)):
                return site
        raise exceptions.ValidationError({"site": [_("You belong to no such site.")]})


class CaseView(Resource):
    @documented("Read a case", gives=CaseDetailSerializer)
    def get(self, request: Request, case_id: UUID) -> Response:
        """A case with its images, jobs, predictions and reviews."""
        case = detailed(self.case(case_id))
        return Response(CaseDetailSerializer(case, context={"request": request}).data)


class WithdrawView(Resource):
    @documented("Withdraw a case", takes=WithdrawalSerializer, gives=CaseDetailSerializer)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Takes a case that was sent by mistake out of the worklist. Nothing is deleted."""
        reason = self.read(WithdrawalSerializer)["reason"]
        case = withdraw_case(case=self.case(case_id), actor=request.user, reason=reason)
        return Response(CaseDetailSerializer(detailed(case), context={"request": request}).data)


class RetryView(Resource):
    @documented("Retry a failed case", takes=EmptySerializer, gives=CaseDetailSerializer)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Puts the pictures that couldn't be read back in the queue."""
        case = self.case(case_id)
        retry_case(case=case, actor=request.user)
        return Response(CaseDetailSerializer(detailed(case), context={"request": request}).data)
