"""What became of the cases that a person sent."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from triage.report.sent import mark_seen, sent_cases
from triage.web.badges import STATES


@require_safe
@login_required
def sent(request: SignedInRequest) -> HttpResponse:
    """``?before=ID``: the cases that were sent before that one."""
    try:
        before = UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        raise Http404 from None
    page = sent_cases(request.user, before)
    context = {
        "rows": [(row, STATES[row.case.state]) for row in page.cases],
        "next": page.next,
        "is_first": before is None,
        "has_new": any(row.is_new for row in page.cases),
    }
    return render(request, "sent/sent.html", context)


@require_POST
@login_required
def seen(request: SignedInRequest) -> HttpResponse:
    mark_seen(request.user)
    messages.success(request, _("What is signed from now on is marked as new."))
    return redirect("sent")
