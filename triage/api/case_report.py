"""The report of a case, and the cases that the caller sent."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from triage.api.examples import A_CASE, A_REVIEW
from triage.api.fields import CaseStateField
from triage.api.schema import described, explained, with_example
from triage.api.views import AnyAccept, Resource, StrictSerializer, no_content, only_parameters
from triage.disclosure import DisclosedCase
from triage.models import Case
from triage.report.case_report import case_report
from triage.report.sent import SentCase, mark_seen, sent_cases
from triage.worklist.one_case import shown_case


class ReportSerializer(serializers.Serializer):
    case = serializers.UUIDField(**explained("The case's id, a UUID.", A_CASE))
    opinion = serializers.CharField(
        **explained("What was signed, in a sentence.", "Fracture, certain: spiral, displaced.")
    )
    text = serializers.CharField(
        **explained(
            "The whole report as plain text, to be copied into another system; lines end with a line feed.",
            "SECOND OPINION\nCase: A-4711 (gutih-tugad)\n",
        )
    )


def _shown(request: Request, case: Case) -> DisclosedCase:
    return shown_case(request.user, case)


class Report(Resource):
    @described(
        "case_report",
        "The report of a case as text",
        answers={200: ReportSerializer},
        errors=(401, 404, 409),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """With what was corrected, and without anything that a model said.

        409 `not_signed` before the second opinion is signed.
        """
        case = self.visible(Case.objects.all(), case_id)
        report = case_report(_shown(request, case))
        answer = {"case": case.pk, "opinion": report.opinion.words, "text": report.text}
        return Response(ReportSerializer(answer).data)


class ReportPdf(Resource):
    content_negotiation_class = AnyAccept

    @described(
        "case_report_pdf",
        "The report of a case as PDF",
        answers={(200, "application/pdf"): OpenApiTypes.BINARY},
        errors=(401, 404, 409),
    )
    def get(self, request: Request, case_id: UUID) -> HttpResponse:
        """One page, if what was written fits on one. 409 `not_signed` before it is signed."""
        from triage.report.pdf import pdf_of  # half a second, and few ask for one

        case = self.visible(Case.objects.all(), case_id)
        content = pdf_of(case_report(_shown(request, case)))
        return HttpResponse(content, content_type="application/pdf")


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
    review = serializers.SerializerMethodField(
        **explained("The id of the signed opinion; null where `opinion` is empty.", A_REVIEW)
    )
    signed_at = serializers.SerializerMethodField(
        **explained(
            "When it was signed, in UTC; null where `opinion` is empty.", "2026-03-02T09:20:11Z"
        )
    )
    is_new = serializers.BooleanField(
        **explained("It was signed since you last said that you have seen them.", True)
    )

    def get_review(self, sent: SentCase) -> UUID | None:
        return sent.review.pk if sent.review else None

    def get_signed_at(self, sent: SentCase) -> datetime | None:
        return sent.review.signed_at if sent.review else None


class SentPageSerializer(serializers.Serializer):
    results = SentCaseSerializer(many=True, source="cases", help_text="The newest first.")
    next = serializers.UUIDField(
        allow_null=True,
        **explained("Send it as `before` for the next page; null on the last.", A_CASE),
    )
    newest_signed_at = serializers.DateTimeField(
        allow_null=True,
        **explained(
            "Of the opinions on this page, in UTC: send it as `until` once you have seen them; null where "
            "the page shows none.",
            "2026-03-02T09:20:11Z",
        ),
    )


class SeenSerializer(StrictSerializer):
    until = serializers.DateTimeField(
        **explained(
            "`newest_signed_at` of the page that you have looked at. An earlier time than before changes "
            "nothing; a time to come is refused with `not_yet`.",
            "2026-03-02T09:20:11Z",
        )
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


class Seen(Resource):
    @described(
        "sent_seen",
        "Say that you have seen what was signed",
        request=SeenSerializer,
        answers={204: None},
        errors=(400, 401),
    )
    def post(self, request: Request) -> Response:
        """What was signed after `until` stays new in `sent`: what came since you looked was not seen."""
        until = self.checked(SeenSerializer)["until"]
        person: User = request.user
        mark_seen(person, until)
        return no_content()
