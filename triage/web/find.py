"""The page of Find. The text can name a patient, so it travels in the body of a POST only."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.disclosure import shown_to
from triage.http.known import ASK_AGAIN
from triage.models.keys import LONGEST_KEY
from triage.web.rows import rows_of
from triage.web.worklist import COLUMNS, sites_of
from triage.worklist.find import FoundPage
from triage.worklist.find import find as find_cases
from triage.worklist.hits import MatchedField

LABELS = {
    MatchedField.ACCESSION: _("accession number"),
    MatchedField.PATIENT: _("patient reference"),
    MatchedField.FILE: _("file name"),
    MatchedField.ID: _("id"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@sensitive_post_parameters("text")  # not in the report of a fault either
def find(request: SignedInRequest) -> HttpResponse:
    """Shows the field alone, or the results. After signing in again it shows the field, without the text."""
    if request.method != "POST":
        return render(request, "worklist/find.html", {"most": LONGEST_KEY})
    text = request.POST.get("text", "")
    context: dict[str, Any] = {"text": text, "most": LONGEST_KEY}
    try:
        page = find_cases(request.user, text, request.POST.get("cursor", ""))
    except Refused as refused:
        context["problem"] = refused.message
        return render(request, "worklist/find.html", context, status=400)
    context |= _results(request, page) | {"is_first": not request.POST.get("cursor")}
    response = render(request, "worklist/find.html", context)
    # Kept by this browser, as the rows of the worklist are: else Back from a case that was found leads to an
    # error of the browser, since the answer to a POST isn't asked for again.
    response["Cache-Control"] = ASK_AGAIN
    return response


def _results(request: SignedInRequest, page: FoundPage) -> dict[str, Any]:
    sites = sites_of(request)
    cases = shown_to(request.user, (found.case for found in page.found))
    rows = rows_of(cases, request.user)
    return {
        "was_asked": True,
        "rows": [
            replace(row, matched=[LABELS[field] for field in found.matched])
            for row, found in zip(rows, page.found, strict=True)
        ],
        "columns": [{"title": title, "css": css} for _sort, title, css in COLUMNS],
        "several_sites": len(sites) > 1,
        "next": page.next_cursor,
        "too_many": page.too_many,
    }
