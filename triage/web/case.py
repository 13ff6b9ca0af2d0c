"""One case: its page, and what is done there."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.inference.services import retry_case
from triage.intake.services import withdraw_case
from triage.models import Case, Review
from triage.review import claims
from triage.review.first_reading import lock_first_reading
from triage.review.opinion_content import given_from
from triage.review.repeated import is_locked_alike, is_signed_alike, is_withdrawn_alike
from triage.review.services import STAGE_CHANGED, correct, sign
from triage.web.arrival import arrival_page
from triage.web.case_page import case_context, lease_context, model_output_context
from triage.web.draft_on_page import NONE_SEEN, followed_by, keep_typed, sent_back, without_unseen
from triage.web.fragments import fragment
from triage.web.next_case import say, signed
from triage.web.of_case import of_visible_case
from triage.web.once import once_of_page
from triage.web.opinion_form import content_of
from triage.web.view_of_case import view_of
from triage.worklist.one_case import shown_case


@require_safe
def case_page(request: SignedInRequest, case_id: UUID) -> HttpResponseBase:
    """The case; for its sender, also what becomes of it while it arrives."""
    try:
        return _received_page(request, case_id=case_id)
    except Http404:
        arriving = Case.objects.sent_by(request.user).filter(pk=case_id).first()
        if arriving is None:
            raise
        return arrival_page(request, arriving)


@of_visible_case
def _received_page(request: SignedInRequest, case: Case) -> HttpResponse:
    return _page(request, case)


@require_safe
@of_visible_case
@fragment
def model_output(request: SignedInRequest, case: Case) -> HttpResponse:
    """The panel of the model's output alone: the page asks for it again while the model works."""
    return render(request, "case/model_output_fragment.html", model_output_context(request, case))


def _page(request: SignedInRequest, case: Case, status: int = 200, **more: Any) -> HttpResponse:
    """``given``: of a form that was refused, which comes back with it."""
    context, given = case_context(request, case), more.pop("given", None)
    if given is not None:
        context |= sent_back(context["draft"], given, more.get("correcting"))
    return render(request, "case/case.html", context | more, status=status)


def _act(request: SignedInRequest, case: Case, act: Callable[[], str]) -> HttpResponse:
    """Calls the service and returns to the case. If it refuses, the case's page says why."""
    try:
        messages.success(request, act())
    except Refused as refused:
        say(request, refused)
    return redirect(view_of(request).case_address(case.pk))


@require_POST
@of_visible_case
def claim(request: SignedInRequest, case: Case) -> HttpResponse:
    def act() -> str:
        claims.claim(case=case, reader=request.user)
        return _("You hold this case.")

    return _act(request, case, act)


@require_POST
@of_visible_case
@fragment
def begin(request: SignedInRequest, case: Case) -> HttpResponse:
    """Claims the case for who begins to write on its page. Answers with what the page says of the claim."""
    try:
        claims.claim(case=case, reader=request.user)
    except Refused as refused:
        return HttpResponse(refused.message, status=409, content_type="text/plain")
    case.refresh_from_db(fields=["state"])  # and who reads it
    return render(request, "case/lease.html", lease_context(request, case))


@require_POST
@of_visible_case
def give_back(request: SignedInRequest, case: Case) -> HttpResponse:
    def act() -> str:
        claims.give_back_claim(case=case, reader=request.user)
        return _("The case is free for others again.")

    return _act(request, case, act)


@require_POST
@of_visible_case
@fragment
def renew(request: SignedInRequest, case: Case) -> HttpResponse:
    """Asked for by the open page; answers JSON."""
    try:
        renewed = claims.renew(case=case, reader=request.user)
    except Refused as refused:
        # 409 for each refusal, since the claim is lost. The page reads 403 as a stale CSRF token.
        case.refresh_from_db(fields=["replaced_by"])
        replaced_by = case.replaced_by_id
        newer = view_of(request).case_address(replaced_by) if replaced_by else None
        said = {"message": refused.message, "newer": newer, "why": refused.code}
        return JsonResponse(said, status=409)
    return JsonResponse({"claimed_until": renewed.claimed_until})


@require_POST
@of_visible_case
def retry(request: SignedInRequest, case: Case) -> HttpResponse:
    def act() -> str:
        retry_case(case=case, actor=request.user)
        return _("The pictures are in the queue again.")

    return _act(request, case, act)


@require_POST
@of_visible_case
def withdraw(request: SignedInRequest, case: Case) -> HttpResponse:
    def act() -> str:
        reason = request.POST.get("reason", "")
        if not is_withdrawn_alike(case, request.user, reason):
            withdraw_case(case=case, actor=request.user, reason=reason)
        return _("The case was withdrawn. Nothing was deleted.")

    return _act(request, case, act)


def _seen(request: SignedInRequest) -> UUID | None:
    """The prediction that the form was shown with; None where there was none. Raises Refused."""
    text = request.POST.get("prediction", "")
    try:
        return None if text in ("", NONE_SEEN) else UUID(text)
    except ValueError:
        raise Refused(
            "bad_prediction", _("The form names no prediction. Look again, then sign.")
        ) from None


def _is_critical(request: SignedInRequest) -> bool:
    """Whether the reader ticked that the clinic must hear of it at once."""
    return request.POST.get("critical") == "on"


@require_POST
@of_visible_case
def review(request: SignedInRequest, case: Case) -> HttpResponse:
    """Signs. If that is refused, the page comes back with what was typed."""
    given, seen = given_from(content_of(request.POST)), None
    critical = _is_critical(request)

    def make() -> Review:
        return sign(
            case=case,
            reader=request.user,
            given=given,
            prediction_id=seen,
            critical=critical,
            followed=followed_by(request.POST),
            stage=request.POST.get("stage"),
        )

    try:
        seen = _seen(request)
        fracture = once_of_page(request, Review, make).fracture
    except Refused as refused:
        if is_signed_alike(case, request.user, given, critical=critical):
            return signed(request, case, given.fracture)
        is_another = refused.code == STAGE_CHANGED
        kept = keep_typed(case, request.user, request.POST, is_asked_again=is_another)
        case.refresh_from_db()
        now = shown_case(request.user, case)
        given = without_unseen(given, refused, is_seen=seen == now.deciding_id)
        more = {"given": given, "problem": refused.message, **kept}
        return _page(request, case, refused.status, **more)
    return signed(request, case, fracture)


@require_POST
@of_visible_case
def first_reading(request: SignedInRequest, case: Case) -> HttpResponse:
    """Locks the first reading of a blind case. The page then shows the model's output and the final form."""
    given = given_from(content_of(request.POST))
    critical = _is_critical(request)

    def make() -> Review:
        followed = followed_by(request.POST)
        return lock_first_reading(case=case, reader=request.user, given=given, followed=followed)

    try:
        if critical:  # its form doesn't ask; a form of an older page did
            text = _("Locking notifies nobody. Tick “Critical” in the final form.")
            raise Refused("critical_of_first_reading", text)
        once_of_page(request, Review, make)
    except Refused as refused:
        if critical or not is_locked_alike(case, request.user, given):
            kept = keep_typed(case, request.user, request.POST)
            case.refresh_from_db()
            more = {"given": given, "problem": refused.message, **kept}
            return _page(request, case, refused.status, **more)
    messages.success(request, _("First reading locked. Answer again: that is the final opinion."))
    return redirect(view_of(request).case_address(case.pk))


@require_POST
@of_visible_case
def correction(request: SignedInRequest, case: Case, review_id: UUID) -> HttpResponse:
    """Signs a correction of one's own review."""
    old = get_object_or_404(Review.objects.filter(case=case), pk=review_id)
    given = given_from(content_of(request.POST))
    critical = _is_critical(request)
    try:
        followed = followed_by(request.POST)
        correct(review=old, reader=request.user, given=given, critical=critical, followed=followed)
    except Refused as refused:
        if not is_signed_alike(case, request.user, given, corrected=old, critical=critical):
            kept = keep_typed(case, request.user, request.POST, corrects=old)
            more = {"given": given, "problem": refused.message, "correcting": old.pk, **kept}
            return _page(request, case, refused.status, **more)
    messages.success(request, _("Corrected. The earlier opinion stays in the history."))
    return redirect(view_of(request).case_address(case.pk))
