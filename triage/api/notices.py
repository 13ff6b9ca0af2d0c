"""Notices: mails that were sent about what waits, and whether the caller gets them."""

from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_CALL_BACK, A_CURSOR
from triage.api.me import PersonSerializer
from triage.api.pagination import address
from triage.api.schema import described, explained, with_example
from triage.api.shown import FieldsMadeOnce
from triage.api.views import Resource, StrictSerializer, only_parameters
from triage.models import Notice
from triage.models.notice import NoticeState
from triage.report.notice_choice import choose_notices, gets_mail
from triage.report.sent_notices import sent_notices


class NoticeSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    person = PersonSerializer(help_text="Who was notified.")
    state = serializers.CharField(
        **explained(f"Of the mail: {', '.join(f'`{state}`' for state in NoticeState)}.", "sent")
    )
    error = serializers.CharField(
        **explained(
            "Why the last try failed: `unreachable`, `refused` (by the mail server) or `other`; empty if it "
            "didn't.",
            "",
        )
    )

    class Meta:
        model = Notice
        fields = ["person", "step", "created_at", "state", "attempts", "sent_at", "error"]
        read_only_fields = fields
        extra_kwargs = {
            "step": explained(
                "The number of its step, from 1 on, as the critical result or the call-back counts.",
                1,
            ),
            "created_at": explained("When it became due, in UTC.", "2026-03-02T09:20:12Z"),
            "attempts": explained("How often it was handed to the mail server.", 1),
            "sent_at": explained("When the mail server took it, in UTC; null before.", None),
        }


class SentNoticeSerializer(NoticeSerializer):
    class Meta(NoticeSerializer.Meta):
        fields = ["critical_result", "call_back", *NoticeSerializer.Meta.fields]
        read_only_fields = fields
        extra_kwargs = {
            **NoticeSerializer.Meta.extra_kwargs,
            "critical_result": explained("The id of what it is about, or null.", None),
            "call_back": explained("The id of what it is about, or null.", A_CALL_BACK),
        }


class SentNoticeListSerializer(serializers.Serializer):
    results = SentNoticeSerializer(many=True, help_text="The newest first, at most 50.")
    next = serializers.URLField(
        allow_null=True, **explained("The page of those before; null if there are none.", None)
    )


class NoticesSerializer(StrictSerializer):
    by_email = serializers.BooleanField(**explained("Whether you get mails.", True))


class MyNotices(Resource):
    @described(
        "my_notices",
        "Whether you get notices by e-mail",
        answers={200: NoticesSerializer},
        errors=(401,),
    )
    def get(self, request: Request) -> Response:
        """Everybody does until they turn them off."""
        return Response({"by_email": gets_mail(request.user)})

    @described(
        "choose_notices",
        "Turn your notices by e-mail on or off",
        request=NoticesSerializer,
        answers={200: NoticesSerializer},
        errors=(400, 401),
    )
    def put(self, request: Request) -> Response:
        """What waits for you is on the front page, in `critical-results` and in `call-backs` either way."""
        choose_notices(person=request.user, **self.checked(NoticesSerializer))
        return Response({"by_email": gets_mail(request.user)})


class SentNotices(Resource):
    @described(
        "sent_notices",
        "Notices that were sent to you, and what became of each",
        answers={200: SentNoticeListSerializer},
        errors=(400, 401),
        parameters=[
            OpenApiParameter(
                "cursor", str, description=with_example("Taken from `next`.", A_CURSOR)
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """In pages of 50. Of a mail only when and whether it was sent: none says more than that."""
        only_parameters(request, "cursor")
        page = sent_notices(request.user, request.query_params.get("cursor"))
        following = page.next and urlencode({"cursor": page.next})
        content = {"results": page.rows, "next": address(request, following)}
        return Response(SentNoticeListSerializer(content).data)
