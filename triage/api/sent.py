"""The cases that the caller sent, and which answers are new."""

from datetime import datetime
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_CASE, A_REVIEW
from triage.api.fields import CaseStateField
from triage.api.schema import described, explained, with_example
from triage.api.views import Resource, StrictSerializer, no_content, only_parameters
from triage.report.sent import PAGE, SentCase, mark_seen, new_answers, sent_cases


class SentCaseSerializer(serializers.Serializer):
    case = serializers.UUIDField(source="case.pk", **explained("The case's id, a UUID.", A_CASE))
    short_name = serializers.CharField(
        source="case.short_name",
        **explained("A short name to say, made of the id; `find` knows it.", "gutih-tugad"),
    )
    heading = serializers.CharField(
        source="case.heading",
        **explained(
            "What a list calls it: its accession number, else its first file's name, else its short name.",
            "A-4711",
        ),
    )
    accession_number = serializers.CharField(
        source="case.accession_number",
        **explained("At most 64 characters; empty if not given.", "A-4711"),
    )
    state = CaseStateField(source="case.state", **explained("Where the case stands.", "reviewed"))
    received_at = serializers.DateTimeField(
        source="case.received_at", **explained("When it came, in UTC.", "2026-03-02T09:14:26Z")
    )
    opinion = serializers.CharField(
        **explained(
            "What was signed, in a sentence; empty before, or if you may not see it yet.",
            "Fracture, certain: spiral, displaced.",
        )
    )
    review = serializers.UUIDField(
        source="review_id",
        allow_null=True,
        **explained(
            "The id of the signed opinion, also of a new one that you may not see yet; else null.",
            A_REVIEW,
        ),
    )
    signed_at = serializers.SerializerMethodField(
        **explained(
            "When it was signed, in UTC; null where `opinion` is empty.", "2026-03-02T09:20:11Z"
        )
    )
    is_new = serializers.BooleanField(
        **explained("You haven't said that you have seen this answer.", True)
    )

    def get_signed_at(self, sent: SentCase) -> datetime | None:
        return sent.review.signed_at if sent.review else None


class SentPageSerializer(serializers.Serializer):
    results = SentCaseSerializer(many=True, source="cases", help_text="The newest first.")
    next = serializers.UUIDField(
        allow_null=True,
        **explained("Send it as `before` for the next page; null on the last.", A_CASE),
    )


class NewAnswersSerializer(serializers.Serializer):
    results = SentCaseSerializer(many=True, source="cases", help_text="The newest answer first.")
    has_more = serializers.BooleanField(
        **explained("Others are new too; they follow once you have seen these.", False)
    )


class SeenSerializer(StrictSerializer):
    reviews = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=PAGE,
        **explained(
            "`review` of each answer that you have seen. One that isn't new to you changes nothing, so an "
            "answer that was corrected meanwhile stays new.",
            [A_REVIEW],
        ),
    )


class Sent(Resource):
    @described(
        "sent_cases",
        "The cases that you sent, and what was signed",
        answers={200: SentPageSerializer},
        errors=(400, 401),
        parameters=[
            OpenApiParameter(
                "before", OpenApiTypes.UUID, description=with_example("From `next`.", A_CASE)
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Fifty a page."""
        only_parameters(request, "before")
        return Response(SentPageSerializer(sent_cases(request.user, _before(request))).data)


def _before(request: Request) -> UUID | None:
    text = request.query_params.get("before")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise ValidationError({"before": ["It is no id of a case."]}) from None


class New(Resource):
    @described(
        "new_answers",
        "What was signed on cases that you sent, and you haven't seen",
        answers={200: NewAnswersSerializer},
        errors=(400, 401),
    )
    def get(self, request: Request) -> Response:
        """At most fifty, the newest first. Say with `sent/seen` which of them you have seen."""
        only_parameters(request)
        return Response(NewAnswersSerializer(new_answers(request.user)).data)


class Seen(Resource):
    @described(
        "sent_seen",
        "Say which answers you have seen",
        request=SeenSerializer,
        answers={204: None},
        errors=(400, 401),
    )
    def post(self, request: Request) -> Response:
        """They leave `sent/new`. What is signed or corrected later is new again. So is an answer
        that is hidden from you now, once you may see it.
        """
        reviews = self.checked(SeenSerializer)["reviews"]
        mark_seen(request.user, set(reviews))
        return no_content()
