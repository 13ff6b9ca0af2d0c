"""Cases: send one, list them, read one."""

from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.access import memberships_of
from accounts.models import Site
from triage.api.case_detail_serializers import (
    CaseDetailSerializer,
    NewCaseSerializer,
    case_in_detail,
)
from triage.api.case_page import CasePageSerializer
from triage.api.case_serializers import context_of, context_of_one
from triage.api.examples import A_CURSOR
from triage.api.pagination import address, newest_first, newest_sent
from triage.api.schema import described, with_example
from triage.api.send_case import SendCaseSerializer, files_of, interim_of
from triage.api.views import Resource, only_parameters
from triage.http.answered import when_written
from triage.http.prefer import preferred_wait
from triage.intake.details import CaseDetails
from triage.intake.duplicates import duplicates_of
from triage.intake.refusals import refusal_of
from triage.intake.services import arrive_case, note_answered, require_sending_role
from triage.intake.uploads import are_named
from triage.intake.waiting import wait_for_decision
from triage.models import Case
from triage.states import INTAKE_STATES, CaseState
from triage.vocabulary import Source

PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description=with_example(
        "`wait=N`: how many seconds the answer may wait for the outcome, 0 to 30; 10 without it (RFC 7240). "
        "`respond-async` is `wait=0`. `Preference-Applied` says what was done.",
        "wait=5",
    ),
)


class Cases(Resource):
    parser_classes = [MultiPartParser]
    refused: Case | None = None

    def max_body_bytes(self) -> int:
        """As many of the largest files as a case may hold, and its fields."""
        limits = settings.CALLUS_INTAKE
        return limits["max_images"] * limits["max_bytes"] + super().max_body_bytes()

    @described(
        "cases",
        "Cases of your sites in any state, newest first",
        answers={200: CasePageSerializer},
        errors=(400, 401),
        parameters=[
            OpenApiParameter(
                "cursor", str, description=with_example("Taken from `next`.", A_CURSOR)
            ),
            OpenApiParameter(
                "state",
                str,
                enum=INTAKE_STATES,
                description=with_example(
                    "Only cases that you sent and that are `arriving`, or were `refused` and not dismissed. "
                    "The list without it has none of these.",
                    "refused",
                ),
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """The list includes closed cases. Follow `next` until it is null."""
        only_parameters(request, "cursor", "state")
        cursor, state = request.query_params.get("cursor"), request.query_params.get("state")
        if state is None:
            page = newest_first(request.user, cursor)
        else:
            page = newest_sent(request.user, _intake_state(state), cursor)
        own = {} if state is None else {"state": state}
        next_, previous = page.next_cursor, page.previous_cursor
        content = {
            "results": page.cases,
            "next": address(request, next_ and urlencode({**own, "cursor": next_})),
            "previous": address(request, previous and urlencode({**own, "cursor": previous})),
        }
        context = context_of(request, page.cases)
        return Response(CasePageSerializer(content, context=context).data)

    @described(
        "send_case",
        "Send one case with 1 to 20 pictures; all of it is stored or nothing",
        request={"multipart/form-data": SendCaseSerializer},
        answers={201: NewCaseSerializer, 202: NewCaseSerializer},
        errors=(400, 401, 403, 413, 415, 507),
        once=True,
        parameters=[PREFER],
    )
    def post(self, request: Request) -> Response:
        """DICOM tags fill the fields that aren't given. A refused file is named with its reason.

        The files of a case are of one patient: where Patient ID, its issuer, birth date or sex differ,
        the case is refused (`patients_differ`), and a `sex` that contradicts the header too
        (`sex_differs`). Values are compared and never stored, logged or returned. A file that lacks a tag
        says nothing.

        The same fields and files again, under the same Idempotency-Key or within a minute without one, are
        the same case: `already_sent` is true, and the case is as it is now.

        The files are stored first, and decoded after that. The answer waits for the outcome: 201 with the
        case, or 400 with the reasons. If it takes longer than the request wants to wait, the answer is 202:
        the case is `arriving` and safe. Poll its address (`Location`) until it has another state; `refused`
        says why in `refusal`.
        """
        given = self.checked(SendCaseSerializer)
        site = self._site(given.pop("site"))
        wait, applied = preferred_wait(request)
        uploads, several = given["images"], given.pop("several_studies", False)
        files, interim = files_of(given), interim_of(given)

        def arrive() -> Case:
            return arrive_case(
                sender=request.user,
                site=site,
                files=files,
                several_studies=several,
                interim=interim,
                details=CaseDetails(**given),
                source=Source.API if request.auth else Source.WEB,
            )

        case = self.once(Case, arrive, without_a_key=True)
        if not self.came_before:
            are_named(uploads)
        wait_for_decision(case, wait)
        return self._answer(case.pk, {"Preference-Applied": applied} if applied else {})

    def _answer(self, case_id: UUID, headers: dict[str, str]) -> Response:
        """201 with the case, 202 if it is still arriving. Raises IntakeRefused, which answers 400."""
        case = case_in_detail(case_id)
        if case.state == CaseState.REFUSED:
            self.refused = case
            raise refusal_of(case)
        more = {"duplicates": duplicates_of(case), "already_sent": self.came_before}
        context = context_of_one(self.request, case) | more
        content = NewCaseSerializer(case, context=context).data
        headers["Location"] = reverse("api_case", args=[case.pk], request=self.request)
        if case.is_received:
            return Response(content, status=201, headers=headers)
        return Response(content, status=202, headers={**headers, "Retry-After": "1"})

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Once it is written, its reader knows why the case was refused."""
        if self.refused is not None:
            when_written(request._request, response, partial(note_answered, self.refused))
        return super().finalize_response(request, response, *args, **kwargs)

    def _site(self, name: str) -> Site:
        """The caller's site with that id or short name. Another site is refused as if it didn't exist.

        Raises NotPermitted if they don't send cases there.
        """
        for membership in memberships_of(self.request.user):
            site = membership.site
            if name in (site.slug, str(site.pk)):
                require_sending_role(membership.roles)
                return site
        raise serializers.ValidationError({"site": [_("You don't belong to a site of this name.")]})


def _intake_state(text: str) -> CaseState:
    if text not in INTAKE_STATES:
        choices = ", ".join(INTAKE_STATES)
        message = _("Use one of: %(choices)s.") % {"choices": choices}
        raise serializers.ValidationError({"state": [message]})
    return CaseState(text)


class OneCase(Resource):
    @described(
        "case",
        "A case with its images, predictions, claim and reviews",
        answers={200: CaseDetailSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """`state` says where the case stands; poll here for the model's call.

        While `state` is `arriving`, and if it is `refused`, only the sender sees the case.
        """
        try:
            case = case_in_detail(case_id, Case.objects.known_to(request.user))
        except Case.DoesNotExist:
            raise Http404 from None
        return _shown(request, case)


def known_case(request: Request, case_id: UUID) -> Case:
    """The case; the caller's own also while it arrives or if it was refused. Raises Http404."""
    case: Case | None = Case.objects.known_to(request.user).filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


def case_response(request: Request, case: Case) -> Response:
    """The whole case as it is now."""
    return _shown(request, case_in_detail(case.pk))


def _shown(request: Request, case: Case) -> Response:
    return Response(CaseDetailSerializer(case, context=context_of_one(request, case)).data)
