"""Sending cases. With scripts the page talks to the API, file by file; without, this form does it."""

import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import sites_where
from accounts.identifiers import new_id
from accounts.models import Site
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from accounts.roles import SENDS_CASES
from triage.http.answered import when_written
from triage.http.repeats import (
    KEY_FIELD,
    LONGEST_KEY,
    checked_key,
    content_of,
    method_and_path,
)
from triage.idempotency import SentRequest, once
from triage.intake.details import CaseDetails
from triage.intake.duplicates import Duplicate, duplicates_of
from triage.intake.errors import IntakeBusy, IntakeRefused
from triage.intake.health import is_delayed
from triage.intake.refusals import SEVERAL_STUDIES, refusal_of
from triage.intake.services import arrive_case, note_answered
from triage.intake.uploads import are_named, read_uploads
from triage.intake.waiting import await_decision
from triage.models import Case
from triage.models.interim_opinion import InterimFracture, TreatedAs
from triage.states import CaseState
from triage.vocabulary import AgeBand, BodyPart, Priority, Projection, Sex, Side, Source
from triage.web.arrival import unfinished_of
from triage.web.priority_form import PRIORITY_CHOICES
from triage.web.refusals import reasons_of
from triage.worklist.filters import PRIORITY_NAMES

TEXTS = ("accession_number", "patient_reference", "clinical_question")
CHOICES = {
    "body_part": BodyPart.choices,
    "side": Side.choices,
    "projection": Projection.choices,
    "age_band": AgeBand.choices,
    "sex": Sex.choices,
}
INTERIM = {
    "interim_fracture": "interim_fracture",
    "treated_as": "treated_as",
    "interim_note": "note",
}
NAMES_ONE_CASE = ("accession_number", "patient_reference", *INTERIM)
ONE_CASE = "one"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload(request: SignedInRequest) -> HttpResponse:
    sites = Site.objects.filter(pk__in=sites_where(request.user, SENDS_CASES)).order_by("name")
    if not sites:
        raise PermissionDenied
    context = {
        "sites": sites,
        "choices": CHOICES,
        "interim_fractures": InterimFracture.choices,
        "treatments": TreatedAs.choices,
        "priorities": PRIORITY_CHOICES,
        "given": request.POST,
        "chosen_priority": request.POST.get("priority") or "routine",
        "idempotency_key": new_id(),
        "is_delayed": SimpleLazyObject(is_delayed),
        "max_bytes": settings.CALLUS_INTAKE["max_bytes"],
        "max_images": settings.CALLUS_INTAKE["max_images"],
        **unfinished_of(request.user),
    }
    if request.method != "POST":
        return render(request, "upload/upload.html", context)
    site = next((known for known in sites if known.slug == request.POST.get("site")), None)
    files = request.FILES.getlist("images")
    if site is None or not files:
        context["problem"] = _("Choose a site and at least one picture.")
        return render(request, "upload/upload.html", context, status=400)
    if any(request.POST.getlist("images")):
        context["problem"] = _("A picture came without a file name, so nothing was stored.")
        return render(request, "upload/upload.html", context, status=400)
    if len(files) > 1 and _names_one_case(request):
        context["problem"] = _(
            "An accession number, a patient reference or what you think belongs to one case: choose “All "
            "files are one case”, or send one file."
        )
        return render(request, "upload/upload.html", context, status=400)
    return _page_of(request, _send(request, site, files), context)


def _page_of(request: SignedInRequest, outcome: "Outcome", context: dict[str, Any]) -> HttpResponse:
    """Says what became of the form."""
    context |= {"outcome": outcome, "asked": outcome.asked}
    # Those that this page tells of aren't listed a second time.
    named = [case.pk for case in (*outcome.answered, *outcome.arriving)]
    context |= unfinished_of(request.user, besides=named)
    status = 200 if outcome.is_taken else IntakeBusy.status if outcome.is_busy else 400
    response = render(request, "upload/upload.html", context, status=status)
    if outcome.is_busy:
        response.headers["Retry-After"] = str(outcome.busy_seconds)
    for case in outcome.answered:
        when_written(request, response, partial(note_answered, case))
    return response


@dataclass
class Outcome:
    """What became of the cases of one form. ``asked``: the person must say whether files of several studies
    are one case. ``answered``: the cases of ``refused``. ``busy_seconds``: when to come again if there was no
    room.
    """

    received: list[tuple[Case, list[Duplicate]]] = field(default_factory=list)
    arriving: list[Case] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answered: list[Case] = field(default_factory=list)
    asked: bool = False
    busy_seconds: int = 0
    has_other_reasons: bool = False

    @property
    def is_taken(self) -> bool:
        """Something of it is stored: what was said must not reach the next patient."""
        return bool(self.received or self.arriving)

    @property
    def is_busy(self) -> bool:
        """Nothing was wrong with what was sent: the same form may be taken later."""
        return bool(self.busy_seconds) and not self.is_taken and not self.has_other_reasons

    def add(self, case: Case) -> None:
        if case.state == CaseState.ARRIVING:
            self.arriving.append(case)
        elif case.state == CaseState.REFUSED:
            self.answered.append(case)
            self.add_refusal(refusal_of(case))
        else:
            self.received.append((case, duplicates_of(case)))

    def add_refusal(self, refusal: Refused) -> None:
        if isinstance(refusal, IntakeBusy):
            self.busy_seconds = max(self.busy_seconds, refusal.seconds)
        else:
            self.has_other_reasons = True
        if isinstance(refusal, IntakeRefused):
            self.asked |= refusal.code == SEVERAL_STUDIES
            self.refused += reasons_of(refusal)
        else:
            self.refused.append(refusal.message)


def _names_one_case(request: SignedInRequest) -> bool:
    """Several cases would bear what belongs to one patient."""
    separate = request.POST.get("grouping") != ONE_CASE
    return separate and any(request.POST.get(name, "").strip() for name in NAMES_ONE_CASE)


def _send(request: SignedInRequest, site: Site, files: list[UploadedFile]) -> Outcome:
    """One case a file, unless the person groups them. What is refused doesn't stop the others.

    All cases arrive before the wait for the first one, so that their files are decoded at the same time.
    """
    together = request.POST.get("grouping") == ONE_CASE
    outcome, arrived = Outcome(), []
    for number, case_files in enumerate([files] if together else [[file] for file in files]):
        try:
            arrived.append(_arrived_once(request, site, case_files, number))
        except Refused as refusal:
            outcome.add_refusal(refusal)
    deadline = time.monotonic() + settings.CALLUS_DECISION_SECONDS["usual"]
    for case in arrived:
        outcome.add(await_decision(case, deadline - time.monotonic()))
    return outcome


def _arrived_once(
    request: SignedInRequest, site: Site, files: list[UploadedFile], number: int
) -> Case:
    """The case of these files. If the form was sent before, such as by a reload, the case of then."""

    def arrive() -> Case:
        return arrive_case(
            sender=request.user,
            site=site,
            files=read_uploads(files),
            details=_details(request),
            source=Source.WEB,
            several_studies=bool(request.POST.get(SEVERAL_STUDIES)),
            interim=_interim(request),
        )

    content = MultiValueDict[str, Any]({**dict(request.POST.lists()), "images": files})
    key = request.POST.get(KEY_FIELD)
    # A case of its own for each file, and a key for each case.
    own_key = f"{checked_key(key)[: LONGEST_KEY - 4]} {number}" if key else ""
    sent = SentRequest(request.user, method_and_path(request), content_of(content), own_key)
    case, came_before = once(sent, Case, arrive)
    if not came_before:
        are_named(files)
    return case


def _details(request: SignedInRequest) -> CaseDetails:
    given = {name: request.POST.get(name, "").strip() for name in (*TEXTS, *CHOICES)}
    priority = PRIORITY_NAMES.get(request.POST.get("priority", ""), int(Priority.ROUTINE))
    return CaseDetails(**given, priority=priority)


def _interim(request: SignedInRequest) -> dict[str, str] | None:
    """What the sender thinks and did; None where they said nothing of it."""
    given = {name: request.POST.get(field, "").strip() for field, name in INTERIM.items()}
    return given if any(given.values()) else None
