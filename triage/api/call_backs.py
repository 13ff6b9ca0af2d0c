"""Call-backs: patients who must hear that the signed opinion differs from what the clinic had thought."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.call_back_serializers import (
    AttemptSerializer,
    CallBackListSerializer,
    CallBackSerializer,
    CloseCallBackSerializer,
    RecordAttemptSerializer,
)
from triage.api.examples import A_CURSOR
from triage.api.pagination import address
from triage.api.schema import described, with_example
from triage.api.views import Resource, only_parameters
from triage.api.what_followed import context_of
from triage.models import CallBack, CallBackAttempt
from triage.models.call_back import CallBackQuerySet
from triage.report.call_back_list import (
    MOST_LISTED,
    call_backs_waiting_for,
    closed_call_backs,
    open_call_backs,
    with_details,
)
from triage.report.call_backs import close_call_back, record_attempt

OF_A_ROW = ("attempts__made_by", "notices__person")
WHICH = {
    "mine": lambda user: call_backs_waiting_for(user).order_by("act_by", "pk"),
    "open": lambda user: open_call_backs(user).order_by("act_by", "pk"),
}
CLOSED = "closed"


def shown(request: Request, call_backs: list[CallBack], **more: Any) -> dict[str, Any]:
    return {"context": context_of(request, call_backs), **more}


class CallBacks(Resource):
    @described(
        "call_backs",
        "Call-backs of your sites",
        answers={200: CallBackListSerializer},
        errors=(400, 401),
        parameters=[
            OpenApiParameter(
                "which",
                str,
                enum=[*WHICH, CLOSED],
                description=with_example(
                    "`mine`: open ones that you must act on, which is what you get without it; `open`: all "
                    "open ones of your sites; `closed`: the last that were closed.",
                    "mine",
                ),
            ),
            OpenApiParameter(
                "cursor",
                str,
                description=with_example("Of closed ones: taken from `next`.", A_CURSOR),
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """Open ones by their due time, at most 100; closed ones the newest first, in pages of 50."""
        only_parameters(request, "which", "cursor")
        which = request.query_params.get("which", "mine")
        if which not in (*WHICH, CLOSED):
            raise ValidationError({"which": [f"Use one of: {', '.join((*WHICH, CLOSED))}."]})
        following = None
        if which == CLOSED:
            page = closed_call_backs(request.user, request.query_params.get("cursor"))
            found = list(page.rows)
            following = page.next and urlencode({"which": CLOSED, "cursor": page.next})
        else:
            rows: CallBackQuerySet = with_details(WHICH[which](request.user))
            found = list(rows.prefetch_related(*OF_A_ROW)[:MOST_LISTED])
        content = {"results": found, "next": address(request, following)}
        return Response(CallBackListSerializer(content, **shown(request, found)).data)


class OneCallBack(Resource):
    @described("call_back", "One call-back", answers={200: CallBackSerializer}, errors=(401, 404))
    def get(self, request: Request, call_back_id: UUID) -> Response:
        """With every attempt, the oldest first, and every mail about it."""
        found = self.visible(with_details(CallBack.objects.all()), call_back_id)
        return Response(CallBackSerializer(found, **shown(request, [found])).data)


class Attempts(Resource):
    @described(
        "record_attempt",
        "Record a try to reach the patient",
        request=RecordAttemptSerializer,
        answers={201: AttemptSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, call_back_id: UUID) -> Response:
        """For who must act, and the clinicians of the site."""
        found = self.visible(CallBack.objects.all(), call_back_id)
        given = self.checked(RecordAttemptSerializer)

        def recorded() -> CallBackAttempt:
            return record_attempt(call_back=found, actor=request.user, **given)

        return Response(AttemptSerializer(self.once(CallBackAttempt, recorded)).data, status=201)


class Closing(Resource):
    @described(
        "close_call_back",
        "Close a call-back with its outcome",
        request=CloseCallBackSerializer,
        answers={200: CallBackSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, call_back_id: UUID) -> Response:
        """There is no other way to close one, and it is never opened again."""
        found = self.visible(CallBack.objects.all(), call_back_id)
        given = dict(self.checked(CloseCallBackSerializer))

        def closed() -> CallBack:
            review_id = given.pop("review")
            return close_call_back(
                call_back=found, actor=request.user, review_id=review_id, **given
            )

        ended = self.once(CallBack, closed)
        return Response(CallBackSerializer(ended, **shown(request, [ended])).data)
