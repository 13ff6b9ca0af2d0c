"""The head of an open case, which its page asks for again."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from triage.http.known import unless_known
from triage.models import Case
from triage.review.actions import Actions
from triage.review.interim import interim_opinions_for
from triage.web.case_page import head_context
from triage.web.fragments import fragment
from triage.web.live import head_etag
from triage.web.of_case import of_visible_case, visible_case
from triage.web.view_of_case import view_of
from triage.worklist.one_case import shown_case


@require_safe
@of_visible_case
@fragment
def head(request: SignedInRequest, case: Case) -> HttpResponseBase:
    """The head alone, or 304 while nothing has changed."""

    def changed() -> HttpResponse:
        # Read after the tag was taken: what is newer than its tag is asked for again, and never missed.
        now = shown_case(request.user, visible_case(request.user, case.pk))
        context = head_context(
            now, Actions(now.case, request.user), interim_opinions_for(request.user, now)
        )
        return render(request, "case/head.html", context | {"view": view})

    view = view_of(request)
    return unless_known(request, head_etag(request.user, case.pk, view.params), changed)
