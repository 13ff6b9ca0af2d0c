"""The page of a case that is arriving or was refused. Nobody but its sender sees it."""

from collections.abc import Collection
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.intake.errors import IntakeRefused
from triage.intake.health import OFTEN, is_delayed
from triage.intake.refusals import refusal_of
from triage.intake.services import dismiss_case
from triage.models import Case
from triage.states import CaseState, JobState
from triage.web.fragments import fragment
from triage.web.refusals import reasons_of

_SOON = timedelta(seconds=20)  # twice what the largest file may take
MOST_COUNTED = 100  # a notice that says "100" says enough


def arrival_page(request: SignedInRequest, case: Case) -> HttpResponse:
    return render(request, "case/arrival.html", _context(case))


@require_safe
@login_required
@fragment
def arrival(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """What the page shows of it: it asks again until the case has another state."""
    case = get_object_or_404(Case.objects.known_to(request.user), pk=case_id)
    return render(request, "case/arrival_progress.html", _context(case))


@require_POST
@login_required
def dismiss(request: SignedInRequest, case_id: UUID) -> HttpResponse:
    """Takes a refused case off its sender's list."""
    case = get_object_or_404(Case.objects.sent_by(request.user), pk=case_id)
    try:
        dismiss_case(case=case, actor=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("case", case_id=case.pk)
    messages.success(request, _("Dismissed."))
    return redirect("upload")


def unfinished_of(user: User, besides: Collection[UUID] = ()) -> dict[str, Any]:
    """For pages: the newest cases of ``user`` that no list has, each asked for where it is shown.

    ``arriving_cases`` wait to be read: who doesn't find them sends them again. ``refused_cases`` were not
    dismissed. ``besides``: ids of cases that the page tells of anyway.
    """
    sent = Case.objects.sent_by(user).exclude(pk__in=besides)
    return {
        "arriving_cases": SimpleLazyObject(partial(_newest, sent.filter(state=CaseState.ARRIVING))),
        "refused_cases": SimpleLazyObject(
            partial(_newest, sent.filter(state=CaseState.REFUSED, dismissed_at=None))
        ),
    }


def _newest(cases: QuerySet[Case]) -> list[Case]:
    return list(cases.order_by("-pk").prefetch_related("decode_jobs")[:MOST_COUNTED])


def _is_late(case: Case) -> bool:
    return timezone.now() - case.received_at > _SOON or is_delayed()


def _context(case: Case) -> dict[str, Any]:
    jobs = list(case.decode_jobs.order_by("position"))
    waiting = (JobState.QUEUED, JobState.RUNNING)
    refusal = refusal_of(case) if case.state == CaseState.REFUSED else None
    return {
        "case": case,
        "jobs": jobs,
        "done": sum(job.state not in waiting for job in jobs),
        "is_arriving": case.state == CaseState.ARRIVING,
        "is_delayed": SimpleLazyObject(partial(_is_late, case)),
        "refusal": refusal,
        "reasons": _reasons(refusal, len(jobs)) if refusal else [],
        "is_interrupted": any(job.interruptions >= OFTEN for job in jobs),
        "is_kept": any(job.original for job in jobs),
    }


def _reasons(refusal: IntakeRefused, files: int) -> list[str]:
    """What stands below the refusal's sentence: nothing where that is the only reason."""
    reasons = reasons_of(refusal, by_position=files > 1)
    return [] if reasons == [refusal.message] else reasons
