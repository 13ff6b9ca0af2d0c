"""One case: the picture, what the model suggests, and the reader's opinion."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Prefetch
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from triage.disclosure import tell
from triage.inference.services import retry_case
from triage.intake.services import withdraw_case
from triage.models import Case, Image, Job, Prediction, Review
from triage.refusals import Conflict, NotPermitted, Refused
from triage.review import claims
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import FractureClass, Opinion
from triage.web.opinions import OpinionChoice, opinion_choices
from triage.web.parts import part_of_a_page
from triage.web.rows import row_of
from triage.worklist.query import WorklistQuery

MAPS = ("activation_map", "rival_activation_map", "scores")  # the page shows none of these
CaseView = Callable[Concatenate[SignedInRequest, Case, ...], HttpResponse]


def of_visible_case(view: CaseView) -> Callable[..., HttpResponse]:
    """Gives the view the case of the address; 404 for a stranger."""

    @wraps(view)
    def wrapper(request: SignedInRequest, case_id: UUID, **arguments: object) -> HttpResponse:
        if not request.user.is_authenticated:
            # To the case itself: the address of an act shows nothing after signing in.
            return redirect_to_login(reverse("case", args=[case_id]))
        visible = Case.objects.visible_to(request.user)
        case = get_object_or_404(
            visible.select_related(
                "site", "sender", "claimed_by", "withdrawn_by", "deciding_prediction__release"
            ),
            pk=case_id,
        )
        return view(request, case, **arguments)

    return wrapper


@require_safe
@of_visible_case
def case_page(request: SignedInRequest, case: Case) -> HttpResponse:
    return _page(request, case)


@require_safe
@of_visible_case
@part_of_a_page
def finding(request: SignedInRequest, case: Case) -> HttpResponse:
    """The finding's panel alone: the page asks for it again while the model works."""
    return render(request, "case/finding.html", _finding_context(case))


def _page(request: SignedInRequest, case: Case, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "case/case.html", _context(request, case) | more, status=status)


def _finding_context(case: Case) -> dict[str, Any]:
    """What the model has said, and what of it could not be read."""
    predictions = Prediction.objects.select_related("release").order_by("created_at", "id")
    jobs = Job.objects.select_related("release").defer("release__manifest")
    images = Image.objects.filter(case=case).prefetch_related(
        Prefetch("predictions", predictions.defer(*MAPS, "release__manifest")),
        Prefetch("jobs", jobs),
    )
    deciding = case.deciding_prediction
    shown = [_Shown(image, case) for image in images]
    return {
        "case": case,
        "shown": shown,
        "first": next(
            (each for each in shown if deciding and each.prediction == deciding), shown[0]
        ),
        "deciding": tell(deciding, case) if deciding else None,
        "failures": [each.failure for each in shown if each.failure],
        "is_working": case.state == CaseState.RECEIVED,
        "can_retry": case.state == CaseState.FAILED,
    }


def _context(request: SignedInRequest, case: Case) -> dict[str, Any]:
    refusal = claims.refusal_to_sign(case, request.user)
    return _finding_context(case) | {
        "row": row_of(case, request.user),
        "refusal": refusal,
        "holds": case.is_claimed_by(request.user),
        "held_by_another": case.claim_is_live and not case.is_claimed_by(request.user),
        "may_withdraw": case.is_open and (refusal is None or refusal.code == "own_case"),
        "opinions": opinion_choices(
            tell(case.deciding_prediction, case) if case.deciding_prediction else None
        ),
        "classes": FractureClass.choices,
        "reviews": _reviews(case),
        "given": {"opinion": "", "classes": [], "comment": ""},
        "lease_seconds": settings.CALLUS_CLAIM_SECONDS,
        "next_case": _next_case(request, case),
    }


class _Shown:
    """An image with what is told of its latest prediction, or why there is none."""

    def __init__(self, image: Image, case: Case) -> None:
        self.image = image
        predictions: list[Prediction] = list(image.predictions.all())
        jobs: list[Job] = list(image.jobs.all())
        self.prediction = predictions[-1] if predictions else None
        self.told = tell(self.prediction, case) if self.prediction else None
        self.failure = next((job.failure_to_show for job in jobs if job.failure_to_show), "")

    @property
    def ranked(self) -> list[tuple[str, float, str]]:
        """(class, probability, role) from the most probable down; role is top, rival or rest."""
        told = self.told
        if told is None or told.probabilities is None:
            return []
        roles = {told.top_class: "top", told.rival_class: "rival"}
        pairs = sorted(told.probabilities.items(), key=lambda pair: -pair[1])
        return [(name, value, roles.get(name, "rest")) for name, value in pairs]


@dataclass(frozen=True)
class _Signed:
    """A review with what its correction may say: "agree" is with what this reader saw."""

    review: Review
    opinions: list[OpinionChoice]
    seen: str  # in words; "" where the reader saw no prediction


def _reviews(case: Case) -> list[_Signed]:
    reviews = case.reviews.with_predictions().select_related("reader", "superseded_by")
    signed = []
    for review in reviews.order_by("-signed_at", "-id"):
        told = tell(review.prediction, case) if review.prediction else None
        signed.append(_Signed(review, opinion_choices(told), told.in_words if told else ""))
    return signed


def _next_case(request: SignedInRequest, case: Case) -> Case | None:
    """The first of the default worklist that this reader could sign."""
    for each in WorklistQuery().page(request.user, 20).cases:
        free = not each.claim_is_live or each.is_claimed_by(request.user)
        if each.pk != case.pk and free and each.sender_id != request.user.pk:
            return each
    return None


def _act(request: SignedInRequest, case: Case, act: Callable[[], str]) -> HttpResponse:
    """Does it and goes back to the case, or says there why it wasn't done."""
    try:
        messages.success(request, act())
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("case", case_id=case.pk)


@require_POST
@of_visible_case
def claim(request: SignedInRequest, case: Case) -> HttpResponse:
    def act() -> str:
        claims.claim(case=case, reader=request.user)
        return _("You hold this case.")

    return _act(request, case, act)


@require_POST
@of_visible_case
def release(request: SignedInRequest, case: Case) -> HttpResponse:
    def act() -> str:
        claims.release(case=case, reader=request.user)
        return _("The case is free for others again.")

    return _act(request, case, act)


@require_POST
@of_visible_case
@part_of_a_page
def renew(request: SignedInRequest, case: Case) -> HttpResponse:
    """Asked for by the open page; answers JSON."""
    try:
        renewed = claims.renew(case=case, reader=request.user)
    except Refused as refused:
        return JsonResponse({"message": refused.message}, status=409)
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
        withdraw_case(case=case, actor=request.user, reason=request.POST.get("reason", ""))
        return _("The case was withdrawn. Nothing was deleted.")

    return _act(request, case, act)


def _given(request: SignedInRequest) -> dict[str, Any]:
    """The review form as it was sent. Classes count only where the opinion names classes."""
    opinion = request.POST.get("opinion", "")
    classes = request.POST.getlist("classes") if opinion == Opinion.OTHER_CLASS else []
    return {"opinion": opinion, "classes": classes, "comment": request.POST.get("comment", "")}


def _seen(request: SignedInRequest) -> UUID | None:
    """The prediction that the form was shown with; None where there was none. Raises Refused."""
    text = request.POST.get("prediction", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Refused(
            "bad_prediction", _("The form names no prediction. Look again, then sign.")
        ) from None


def _status(refused: Refused) -> int:
    if isinstance(refused, Conflict):
        return 409
    return 403 if isinstance(refused, NotPermitted) else 400


@require_POST
@of_visible_case
def review(request: SignedInRequest, case: Case) -> HttpResponse:
    """Signs. Whatever stands in the way, the page comes back with what was typed."""
    given, seen = _given(request), None
    try:
        seen = _seen(request)
        sign(case=case, reader=request.user, prediction_id=seen, **given)
    except Refused as refused:
        case.refresh_from_db()
        if given["opinion"] == Opinion.AGREE and seen != case.deciding_prediction_id:
            # Chosen for what the model said before: it must be chosen again for what it says now.
            given["opinion"] = ""
        return _page(request, case, _status(refused), given=given, problem=refused.message)
    messages.success(request, _("Signed."))
    return redirect("case", case_id=case.pk)


@require_POST
@of_visible_case
def correction(request: SignedInRequest, case: Case, review_id: UUID) -> HttpResponse:
    """Signs a correction of one's own review."""
    old = get_object_or_404(Review.objects.filter(case=case), pk=review_id)
    given = _given(request)
    try:
        correct(review=old, reader=request.user, **given)
    except Refused as refused:
        more = {"given": given, "problem": refused.message, "correcting": old.pk}
        return _page(request, case, _status(refused), **more)
    messages.success(request, _("Corrected. The earlier opinion stays in the history."))
    return redirect("case", case_id=case.pk)
