"""What became of the cases that a person sent."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.report.sent import SentCase, mark_seen, new_answers, sent_cases
from triage.web.badges import STATES, Badge


@require_safe
@login_required
def sent(request: SignedInRequest) -> HttpResponse:
    """``?before=ID``: the cases that were sent before that one. The first page begins with what is new."""
    try:
        before = UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        raise Http404 from None
    page = sent_cases(request.user, before)
    new = new_answers(request.user) if before is None else None
    context = {
        "new": new,
        "new_rows": _rows(new.cases) if new else [],
        "rows": _rows(page.cases),
        "next": page.next,
        "is_first": before is None,
    }
    return render(request, "sent/sent.html", context)


def _rows(cases: list[SentCase]) -> list[tuple[SentCase, Badge]]:
    return [(row, STATES[row.case.state]) for row in cases]


@require_POST
@login_required
def seen(request: SignedInRequest) -> HttpResponse:
    """Marks the answers that the page had shown (``review``). What came meanwhile is still new."""
    try:
        mark_seen(request.user, _reviews(request.POST.getlist("review")))
        messages.success(request, _("Seen. What is signed or corrected from now on is new again."))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("sent")


def _reviews(texts: list[str]) -> set[UUID]:
    """Raises Refused."""
    try:
        return {UUID(text) for text in texts}
    except ValueError:
        text = _("The form doesn't say what you have seen. Look at the list again.")
        raise Refused("bad_reviews", text) from None
