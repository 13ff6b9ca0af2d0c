"""The report of a case: a page that prints, its text to copy, and a PDF."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.models import Case
from triage.report.case_report import case_report
from triage.web.of_case import of_visible_case
from triage.web.view_of_case import view_of
from triage.worklist.one_case import shown_case


@require_safe
@of_visible_case
def report(request: SignedInRequest, case: Case) -> HttpResponse:
    """Light in both themes: it is made to be printed."""
    context = {"case": case, "view": view_of(request), "theme": "light"}
    try:
        found = case_report(shown_case(request.user, case))
    except Refused as refused:
        return render(
            request,
            "report/report.html",
            context | {"problem": refused.message},
            status=refused.status,
        )
    return render(request, "report/report.html", context | {"report": found})


@require_safe
@of_visible_case
def report_text(request: SignedInRequest, case: Case) -> HttpResponse:
    try:
        text = case_report(shown_case(request.user, case)).text
    except Refused as refused:
        return _plain(f"{refused.message}\n", refused.status)
    return _plain(text)


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@require_safe
@of_visible_case
def report_pdf(request: SignedInRequest, case: Case) -> HttpResponse:
    from triage.report.pdf import pdf_of  # half a second, and few ask for one

    try:
        content = pdf_of(case_report(shown_case(request.user, case)))
    except Refused as refused:
        return _plain(f"{refused.message}\n", refused.status)
    return HttpResponse(
        content,
        content_type="application/pdf",
        # The file's name has nothing of the patient: it stays in a folder of downloads.
        headers={"Content-Disposition": f'inline; filename="callus-{case.short_name}.pdf"'},
    )
