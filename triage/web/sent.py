"""What became of the cases that a person sent."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import Refused
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
        "until": page.newest_signed_at.isoformat() if page.newest_signed_at else "",
    }
    return render(request, "sent/sent.html", context)


@require_POST
@login_required
def seen(request: SignedInRequest) -> HttpResponse:
    """Marks what the page had shown (``until``). What came meanwhile is still new."""
    try:
        mark_seen(request.user, _until(request.POST.get("until", "")))
        messages.success(request, _("What is signed after these is marked as new."))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("sent")


def _until(text: str) -> datetime:
    """Raises Refused."""
    try:
        until = parse_datetime(text)
    except ValueError:
        until = None
    if until is None or not is_aware(until):
        text = _("The form doesn't say what you have seen. Look at the list again.")
        raise Refused("bad_time", text)
    return until
