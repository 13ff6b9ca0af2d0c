"""Critical results: which wait for whom, and the acknowledgement."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.disclosure import shown_to
from triage.models import CriticalResult
from triage.models.critical_result import CriticalResultQuerySet
from triage.report.critical_list import (
    MOST_LISTED,
    acknowledged_results,
    critical_waiting_for,
    with_details,
)
from triage.report.critical_results import acknowledge, refusal_to_acknowledge
from triage.report.what_followed import DisclosedCritical
from triage.review.finality import why_not_final
from triage.web.signed import Signed, review_read, signed_opinions
from triage.web.view_of_case import view_of


@require_safe
@login_required
def critical_results(request: SignedInRequest) -> HttpResponse:
    """Those that wait for the person first, then the others that wait, then the last ones acknowledged.

    With ``?cursor=``: those acknowledged before.
    """
    cursor = request.GET.get("cursor")
    try:
        past = acknowledged_results(request.user, cursor)
    except Refused:
        raise Http404 from None  # the address is damaged
    context = {
        "groups": [] if cursor else _waiting_groups(request.user),
        "most": MOST_LISTED,
        "past": past.rows,
        "is_first": not cursor,
        "next": past.next,
    }
    return render(request, "critical/list.html", context)


def _waiting_groups(user: User) -> list[tuple[str, CriticalResultQuerySet]]:
    mine = critical_waiting_for(user).order_by("opened_at", "pk")
    others = CriticalResult.objects.visible_to(user).waiting().exclude(pk__in=mine.values("pk"))
    return [
        (_("For you to acknowledge"), with_details(mine)[:MOST_LISTED]),
        (_("For others"), with_details(others.order_by("opened_at", "pk"))[:MOST_LISTED]),
    ]


def _visible(request: SignedInRequest, result_id: UUID) -> CriticalResult:
    """404 for a stranger."""
    rows = with_details(CriticalResult.objects.visible_to(request.user))
    return get_object_or_404(rows, pk=result_id)


@require_safe
@login_required
def critical_result(request: SignedInRequest, result_id: UUID) -> HttpResponse:
    return _page(request, _visible(request, result_id))


def _page(
    request: SignedInRequest, result: CriticalResult, status: int = 200, **more: Any
) -> HttpResponse:
    (disclosed_case,) = shown_to(request.user, [result.case])
    refusal = refusal_to_acknowledge(result, request.user)
    signed: dict[UUID | None, Signed] = {
        opinion.review.pk: opinion for opinion in signed_opinions(disclosed_case, request.user, {})
    }
    context = {
        "result": result,
        "case": result.case,
        "signed": signed.get(result.review_id),
        "disclosed": DisclosedCritical(result, disclosed_case.is_shown),
        "not_final": why_not_final(disclosed_case),
        "replaced": signed.get(result.review.supersedes_id),
        "notices": result.notices.select_related("person").order_by("created_at", "pk"),
        # Nobody takes note of what is hidden from them.
        "may_acknowledge": refusal is None and result.review_id in signed,
        "refusal": refusal if result.is_waiting else None,
        "view": view_of(request),
        **more,
    }
    return render(request, "critical/one.html", context, status=status)


@require_POST
@login_required
def acknowledgement(request: SignedInRequest, result_id: UUID) -> HttpResponse:
    """If it is refused, the page comes back and says why."""
    found, words = _visible(request, result_id), request.POST.get("words", "")
    try:
        acknowledge(result=found, actor=request.user, review_id=review_read(request), words=words)
    except Refused as refused:
        again = _visible(request, result_id)
        if again.acknowledged_by != request.user:  # else the button was pressed twice
            more = {"problem": refused.message, "words": words}
            return _page(request, again, refused.status, **more)
    messages.success(request, _("You took note of it. Nobody else is notified."))
    return redirect(reverse("critical_result", args=[found.pk]) + view_of(request).suffix)
