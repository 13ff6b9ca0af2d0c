"""The report of a case."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_CASE
from triage.api.schema import described, explained
from triage.api.views import AnyAccept, Resource
from triage.disclosure import DisclosedCase
from triage.models import Case
from triage.report.case_report import case_report
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

        409 `not_signed` before the second opinion is signed, and while a third reader is asked: what was
        signed is not final then.
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
