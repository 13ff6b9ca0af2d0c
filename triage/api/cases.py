"""Cases: send one, list them, read one."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.access import sites_where
from accounts.models import Site
from triage.api.case_detail_serializers import (
    CaseDetailSerializer,
    NewCaseSerializer,
    case_in_detail,
)
from triage.api.case_serializers import CasePageSerializer, context_of
from triage.api.examples import A_CURSOR
from triage.api.fields import CodeField, PriorityField, TextField
from triage.api.pagination import address, newest_first
from triage.api.schema import described, in_form, with_example
from triage.api.views import Resource, StrictSerializer, only_parameters
from triage.intake.decoding import IncomingFile
from triage.intake.details import CaseDetails
from triage.intake.services import Duplicate, receive_case, require_sender
from triage.intake.uploads import read_uploads
from triage.models import Case
from triage.vocabulary import ONE_PROJECTION, AgeBand, BodyPart, Projection, Sex, Side, Source


class SendCaseSerializer(StrictSerializer):
    """One case: what is asked, and its pictures."""

    site = serializers.CharField(**in_form("The site's id or short name.", "north"))
    images = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        help_text=with_example(
            "1 to 20 files: JPEG, PNG, TIFF or DICOM, of at most 40 MB each unless the installation sets "
            "another limit.",
            "wrist-pa.dcm",
        ),
    )
    body_part = CodeField(
        BodyPart.choices,
        required=False,
        **in_form("Needed unless the DICOM files say it.", "WRIST"),
    )
    accession_number = TextField(
        max_length=64,
        required=False,
        **in_form("The order's number, at most 64 characters.", "A-4711"),
    )
    patient_reference = TextField(
        max_length=64,
        required=False,
        **in_form("A pseudonym, never a name; at most 64 characters.", "P-0815"),
    )
    age_band = CodeField(
        AgeBand.choices,
        required=False,
        **in_form("The patient's age in years.", "2-11"),
    )
    sex = CodeField(Sex.choices, required=False, **in_form("The patient's sex.", "F"))
    side = CodeField(Side.choices, required=False, **in_form("The side of all images.", "R"))
    projection = CodeField(
        Projection.choices,
        required=False,
        **in_form("The projection of all images; `SEVERAL` where they differ.", "PA"),
    )
    image_side = serializers.ListField(
        child=CodeField(Side.choices, allow_blank=True),
        required=False,
        **in_form(
            "The side of each image, repeated once for each of `images` and in their order. Empty: `side` "
            "holds for it, or its DICOM header does.",
            "L",
            [],
        ),
    )
    image_projection = serializers.ListField(
        child=CodeField(ONE_PROJECTION, allow_blank=True),
        required=False,
        **in_form("The projection of each image, as `image_side`.", "LL", []),
    )
    clinical_question = TextField(
        max_length=2000,
        required=False,
        **in_form("At most 2,000 characters.", "Fell on the hand. Scaphoid?"),
    )
    priority = PriorityField(
        required=False, **in_form("`routine` unless said otherwise.", "urgent")
    )
    several_studies = serializers.BooleanField(
        required=False,
        **in_form(
            "True: files of one patient that differ in Study Instance UID, Accession Number or "
            "Patient's Age belong to one case. Without it such a request is refused with the code "
            "`several_studies`, which names the tags. Files of two patients (`patients_differ`) are "
            "refused in any case.",
            "true",
            False,
        ),
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError where a list that goes with ``images`` has another length.

        A list of empty strings counts as not given. A browser sends one for an empty field.
        """
        text = _("Send it once for each of the images, in their order; empty where you don't know.")
        wrong = {
            name: [text]
            for name in ("image_side", "image_projection")
            if any(given.get(name, [])) and len(given[name]) != len(given["images"])
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return given


class Cases(Resource):
    parser_classes = [MultiPartParser]

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
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The list includes closed cases. Follow `next` until it is null."""
        only_parameters(request, "cursor")
        page = newest_first(request.user, request.query_params.get("cursor"))
        next_, previous = page.next_cursor, page.previous_cursor
        content = {
            "results": page.cases,
            "next": address(request, next_ and urlencode({"cursor": next_})),
            "previous": address(request, previous and urlencode({"cursor": previous})),
        }
        context = context_of(request, page.cases)
        return Response(CasePageSerializer(content, context=context).data)

    @described(
        "send_case",
        "Send one case with 1 to 20 pictures; all of it is stored or nothing",
        request={"multipart/form-data": SendCaseSerializer},
        answers={201: NewCaseSerializer},
        errors=(400, 401, 403, 413, 415),
        once=True,
    )
    def post(self, request: Request) -> Response:
        """DICOM tags fill the fields that aren't given. A refused file is named with its reason.

        The files of a case are of one patient: where Patient ID, its issuer, birth date or sex differ,
        the case is refused (`patients_differ`), and a `sex` that contradicts the header too
        (`sex_differs`). Values are compared and never stored, logged or returned. A file that lacks a tag
        says nothing.

        The same fields and files again, under the same Idempotency-Key or within a minute without one, are
        the same case: `already_sent` is true, and the case is as it is now.
        """
        given = self.checked(SendCaseSerializer)
        site = self._site(given.pop("site"))
        require_sender(request.user, site)
        files, several = _files(given), given.pop("several_studies", False)
        duplicates: list[Duplicate] = []

        def receive() -> Case:
            received = receive_case(
                sender=request.user,
                site=site,
                files=files,
                several_studies=several,
                details=CaseDetails(**given),
                source=Source.API if request.auth else Source.WEB,
            )
            duplicates.extend(received.duplicates)
            return received.case

        case = case_in_detail(self.once(Case, receive, without_a_key=True).pk)
        context = context_of(request, [case]) | {
            "duplicates": duplicates,
            "already_sent": self.came_before,
        }
        content = NewCaseSerializer(case, context=context).data
        location = reverse("api_case", args=[case.pk], request=request)
        return Response(content, status=201, headers={"Location": location})

    def _site(self, name: str) -> Site:
        """The caller's site with that id or short name. Another site is refused as if it didn't exist."""
        for site in Site.objects.filter(pk__in=sites_where(self.request.user)):
            if name in (site.slug, str(site.pk)):
                return site
        raise serializers.ValidationError({"site": [_("You don't belong to a site of this name.")]})


def _files(given: dict[str, Any]) -> list[IncomingFile]:
    """The files, each with the side and projection that the sender gave. Removes these from ``given``."""
    files = read_uploads(given.pop("images"))
    values = [given.pop(name, []) for name in ("image_side", "image_projection")]
    sides, projections = (said if any(said) else [""] * len(files) for said in values)
    return [
        replace(file, side=side, projection=projection)
        for file, side, projection in zip(files, sides, projections, strict=True)
    ]


class OneCase(Resource):
    @described(
        "case",
        "A case with its images, predictions, claim and reviews",
        answers={200: CaseDetailSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """`state` says where the case stands; poll here for the model's call."""
        return case_response(request, self.visible(Case.objects.all(), case_id))


def case_response(request: Request, case: Case) -> Response:
    """The whole case as it is now."""
    case = case_in_detail(case.pk)
    return Response(CaseDetailSerializer(case, context=context_of(request, [case])).data)
