"""Taking a case over, and ending another reader's claim, from the page of a case."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.models import Case
from triage.review import taking_over
from triage.web.next_case import say
from triage.web.of_case import of_visible_case
from triage.web.view_of_case import view_of


@require_POST
@of_visible_case
def take_over(request: SignedInRequest, case: Case) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        if not case.is_claimed_by(request.user):  # pressed twice
            taking_over.take_over(case=case, reader=request.user, reason=reason)
        messages.success(
            request, _("You hold this case now. The other reader sees that on their page.")
        )
    except Refused as refused:
        say(request, refused)
    return redirect(view_of(request).case_address(case.pk))


@require_POST
@of_visible_case
def end_claim(request: SignedInRequest, case: Case) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        taking_over.end_claim(case=case, actor=request.user, reason=reason)
        messages.success(request, _("The case is free. The other reader sees that on their page."))
    except Refused as refused:
        say(request, refused)
    return redirect(view_of(request).case_address(case.pk))
