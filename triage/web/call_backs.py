"""Call-backs: which wait for whom, and what was done about one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.disclosure import DisclosedCase, shown_to
from triage.models import CallBack, CallBackAttempt
from triage.models.call_back import (
    AttemptOutcome,
    CallBackOutcome,
    CallBackReason,
)
from triage.report.call_back_list import (
    MOST_LISTED,
    call_backs_waiting_for,
    closed_call_backs,
    counted,
    open_call_backs,
    with_details,
)
from triage.report.call_backs import close_call_back, record_attempt, refusal_to_act
from triage.report.what_followed import DisclosedCallBack, disclosed_call_backs
from triage.review.differences import Signed as WasSigned
from triage.review.differences import Thought, difference
from triage.review.interim import interim_opinions_for
from triage.web.badges import Badge
from triage.web.once import new_key, once_of_page
from triage.web.signed import Signed, review_read, signed_opinions
from triage.web.view_of_case import view_of

REASONS: dict[str, Badge] = {
    CallBackReason.DISLOCATION_MISSED: Badge(CallBackReason.DISLOCATION_MISSED.label, "tag late"),
    CallBackReason.FRACTURE_MISSED: Badge(CallBackReason.FRACTURE_MISSED.label, "tag late"),
    CallBackReason.POSSIBLE_FRACTURE_MISSED: Badge(
        CallBackReason.POSSIBLE_FRACTURE_MISSED.label, "tag soon"
    ),
    CallBackReason.TREATED_WITHOUT_FRACTURE: Badge(
        CallBackReason.TREATED_WITHOUT_FRACTURE.label, "tag soon"
    ),
    CallBackReason.CHANGED_SINCE: Badge(CallBackReason.CHANGED_SINCE.label, "tag late"),
}


@dataclass(frozen=True)
class CallBackRow:
    """A call-back as its page, its list and its case show it: what is secret of it is in ``disclosed``."""

    disclosed: DisclosedCallBack

    @property
    def call_back(self) -> CallBack:
        return self.disclosed.call_back

    @property
    def reason(self) -> Badge:
        reason = self.disclosed.reason
        return REASONS[reason] if reason else Badge(_("The signed opinion differs"), "tag")


def call_backs_of_case(disclosed_case: DisclosedCase, user: User) -> list[CallBackRow]:
    """Every one of the case: the one that goes on first, then the last that were closed."""
    found = with_details(CallBack.objects.filter(case=disclosed_case.case))
    return [
        CallBackRow(DisclosedCallBack(call_back, user, disclosed_case.is_shown))
        for call_back in found.order_by(F("closed_at").desc(nulls_first=True), "-pk")
    ]


def rows_of(found: Sequence[CallBack], user: User) -> list[CallBackRow]:
    return [CallBackRow(disclosed) for disclosed in disclosed_call_backs(user, found)]


@require_safe
@login_required
def call_backs(request: SignedInRequest) -> HttpResponse:
    """Open ones, what waits for the person first; with ``?closed=1`` those that were closed last."""
    user = request.user
    if "closed" in request.GET:
        return _closed(request)
    mine = call_backs_waiting_for(user).order_by("act_by", "pk")
    others = open_call_backs(user).exclude(pk__in=mine.values("pk")).order_by("act_by", "pk")
    groups = [(_("For you to act"), mine), (_("For others"), others)]
    context = {
        "groups": [
            (title, rows_of([*counted(rows)[:MOST_LISTED]], user)) for title, rows in groups
        ],
        "most": MOST_LISTED,
    }
    return render(request, "call_back/list.html", context)


def _closed(request: SignedInRequest) -> HttpResponse:
    cursor = request.GET.get("cursor")
    try:
        page = closed_call_backs(request.user, cursor)
    except Refused:
        raise Http404 from None  # the address is damaged
    context = {
        "is_closed": True,
        "groups": [(_("Closed"), rows_of(page.rows, request.user))],
        "is_first": not cursor,
        "next": page.next,
    }
    return render(request, "call_back/list.html", context)


def _visible(request: SignedInRequest, call_back_id: UUID) -> CallBack:
    """404 for a stranger."""
    rows = with_details(CallBack.objects.visible_to(request.user))
    return get_object_or_404(rows.prefetch_related("attempts__made_by"), pk=call_back_id)


@require_safe
@login_required
def call_back(request: SignedInRequest, call_back_id: UUID) -> HttpResponse:
    return _page(request, _visible(request, call_back_id))


def _page(
    request: SignedInRequest, call_back: CallBack, status: int = 200, **more: Any
) -> HttpResponse:
    (disclosed_case,) = shown_to(request.user, [call_back.case])
    refusal = refusal_to_act(call_back, request.user)
    signed: dict[UUID | None, Signed] = {
        opinion.review.pk: opinion for opinion in signed_opinions(disclosed_case, request.user, {})
    }
    context = {
        "row": CallBackRow(DisclosedCallBack(call_back, request.user, disclosed_case.is_shown)),
        "call_back": call_back,
        "case": call_back.case,
        "interims": interim_opinions_for(request.user, disclosed_case)[:1],
        "signed": signed.get(call_back.review_id),
        "replaced": signed.get(call_back.review.supersedes_id),
        "differs_no_more": difference(Thought.of(call_back.interim), WasSigned.of(call_back.review))
        is None,
        "notices": call_back.notices.select_related("person").order_by("created_at", "pk"),
        "refusal": refusal if call_back.is_open else None,
        "may_act": refusal is None,
        # Nobody ends what is hidden from them.
        "may_close": refusal is None and call_back.review_id in signed,
        "attempt_outcomes": AttemptOutcome.choices,
        "outcomes": CallBackOutcome.choices,
        "once": new_key(),
        "view": view_of(request),
        **more,
    }
    return render(request, "call_back/one.html", context, status=status)


def _act(
    request: SignedInRequest, call_back_id: UUID, form: str, act: Callable[[CallBack], str]
) -> HttpResponse:
    """Calls the service. If it refuses, the page comes back with what was typed."""
    found = _visible(request, call_back_id)
    try:
        messages.success(request, act(found))
    except Refused as refused:
        given = {name: request.POST.get(name, "") for name in ("outcome", "words")}
        again = _visible(request, call_back_id)
        return _page(request, again, refused.status, **{form: given, "problem": refused.message})
    return redirect(reverse("call_back", args=[found.pk]) + view_of(request).suffix)


@require_POST
@login_required
def attempt(request: SignedInRequest, call_back_id: UUID) -> HttpResponse:
    def act(found: CallBack) -> str:
        outcome, words = request.POST.get("outcome", ""), request.POST.get("words", "")
        once_of_page(
            request,
            CallBackAttempt,
            lambda: record_attempt(
                call_back=found, actor=request.user, outcome=outcome, words=words
            ),
        )
        return _("The attempt is recorded.")

    return _act(request, call_back_id, "attempt_given", act)


@require_POST
@login_required
def close(request: SignedInRequest, call_back_id: UUID) -> HttpResponse:
    def act(found: CallBack) -> str:
        outcome, words = request.POST.get("outcome", ""), request.POST.get("words", "")
        once_of_page(
            request,
            CallBack,
            lambda: close_call_back(
                call_back=found,
                actor=request.user,
                review_id=review_read(request),
                outcome=outcome,
                words=words,
            ),
        )
        return _("The call-back is closed.")

    return _act(request, call_back_id, "close_given", act)
