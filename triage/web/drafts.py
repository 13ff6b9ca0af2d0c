"""My drafts: cases on which I have written something and not signed. Nobody else sees this."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from triage.models import Case, Review
from triage.review.drafts import discard_draft, own_drafts
from triage.web.badges import STATES
from triage.web.draft_on_page import DraftOnPage, id_in
from triage.web.of_case import of_visible_case
from triage.web.view_of_case import view_of


@require_safe
@login_required
def drafts(request: SignedInRequest) -> HttpResponse:
    rows = [
        {"case": row.case, "draft": DraftOnPage(row), "state": STATES[row.case.state]}
        for row in own_drafts(request.user)
    ]
    return render(request, "drafts/drafts.html", {"rows": rows})


@require_POST
@of_visible_case
def discard(request: SignedInRequest, case: Case) -> HttpResponse:
    """From the case's page, or from the list of drafts (``list``): back to where it was pressed.

    ``corrects``: the review, if it is the draft of a correction.
    """
    corrects = None
    if request.POST.get("corrects"):
        own = Review.objects.filter(case=case, reader=request.user)
        corrects = get_object_or_404(own, pk=id_in(request.POST, "corrects"))
    discard_draft(case=case, reader=request.user, corrects=corrects)
    messages.success(request, _("The draft was discarded."))
    if request.POST.get("list"):
        return redirect("drafts")
    return redirect(view_of(request).case_address(case.pk))
