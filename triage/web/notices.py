"""A person's own notices: on or off, and what was sent."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from triage.report.notice_choice import choose_notices, gets_mail
from triage.report.sent_notices import sent_notices


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notices(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        choose_notices(person=request.user, by_email=request.POST.get("by_email") == "on")
        messages.success(request, _("Saved."))
        return redirect("notices")
    context = {"by_email": gets_mail(request.user), "notices": sent_notices(request.user).rows}
    return render(request, "notice/notices.html", context)
