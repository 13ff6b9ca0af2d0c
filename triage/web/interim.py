"""Records an interim opinion from the page of a case."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.models import Case
from triage.review.interim import record_interim_opinion
from triage.web.case_page import case_context
from triage.web.interim_panel import NOTHING_GIVEN, interim_panel
from triage.web.of_case import of_visible_case
from triage.web.view_of_case import view_of


@require_POST
@of_visible_case
def interim(request: SignedInRequest, case: Case) -> HttpResponse:
    """If it is refused, the page comes back with what was typed."""
    given = {name: request.POST.get(name, "") for name in NOTHING_GIVEN}
    try:
        record_interim_opinion(case=case, author=request.user, **given)
    except Refused as refused:
        case.refresh_from_db()
        context = case_context(request, case)
        panel = interim_panel(
            context["disclosed_case"], request.user, given=given, problem=refused.message
        )
        return render(
            request, "case/case.html", context | {"interim": panel}, status=refused.status
        )
    messages.success(request, _("Recorded. The second opinion will be compared with it."))
    return redirect(view_of(request).case_address(case.pk))
