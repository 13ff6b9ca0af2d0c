"""Interim opinions: what the clinic thought and did before the second opinion was signed."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_CASE, AN_INTERIM_OPINION
from triage.api.fields import CodeField, TextField
from triage.api.me import PersonSerializer
from triage.api.schema import described, explained
from triage.api.shown import FieldsMadeOnce
from triage.api.views import Resource, StrictSerializer
from triage.models import Case, InterimOpinion
from triage.models.interim_opinion import LONGEST_NOTE, InterimFracture, TreatedAs
from triage.review.interim import interim_opinions_for, record_interim_opinion
from triage.worklist.one_case import shown_case

FRACTURE = explained("What the treating person sees: `fracture`, `none` or `unsure`.", "none")
TREATED = explained(
    "What the patient was treated as: `fracture`, `dislocation` (with or without a fracture), "
    "`soft_tissue`, `not_treated` or `other`, which `note` explains.",
    "soft_tissue",
)
NOTE = explained("What was done, in words, at most 500 characters; may be empty.", "Sent home.")


@extend_schema_field(
    {"type": "string", "enum": InterimFracture.values}, component_name="InterimFracture"
)
class InterimFractureField(CodeField):
    """What the treating person sees."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=InterimFracture.choices, **options)


@extend_schema_field({"type": "string", "enum": TreatedAs.values}, component_name="TreatedAs")
class TreatedAsField(CodeField):
    """What the patient was treated as."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=TreatedAs.choices, **options)


class InterimOpinionSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    author = PersonSerializer(help_text="Who recorded it.")
    interim_fracture = InterimFractureField(**FRACTURE)
    treated_as = TreatedAsField(**TREATED)

    class Meta:
        model = InterimOpinion
        fields = [
            *("id", "case", "author", "interim_fracture", "treated_as", "note", "recorded_at")
        ]
        read_only_fields = fields
        extra_kwargs = {
            "id": explained("The interim opinion's id, a UUID.", AN_INTERIM_OPINION),
            "case": explained("The id of its case.", A_CASE),
            "note": NOTE,
            "recorded_at": explained("When it was recorded, in UTC.", "2026-03-02T09:16:40Z"),
        }


class InterimOpinionListSerializer(serializers.Serializer):
    results = InterimOpinionSerializer(many=True, help_text="The newest first: that one counts.")


class RecordInterimOpinionSerializer(StrictSerializer):
    interim_fracture = InterimFractureField(**FRACTURE)
    treated_as = TreatedAsField(**TREATED)
    note = TextField(max_length=LONGEST_NOTE, default="", allow_blank=True, **NOTE)


class InterimOpinions(Resource):
    @described(
        "case_interim_opinions",
        "What the clinic thought of a case and did, newest first",
        answers={200: InterimOpinionListSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """Only your own if you read the case blind."""
        case = shown_case(request.user, self.visible(Case.objects.all(), case_id))
        results = interim_opinions_for(request.user, case)
        return Response(InterimOpinionListSerializer({"results": results}).data)

    @described(
        "record_interim_opinion",
        "Record what you think of an open case, and what the patient was treated as",
        request=RecordInterimOpinionSerializer,
        answers={201: InterimOpinionSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """For the sender and the clinicians of the site. Earlier ones stay.

        If the signed opinion differs from the newest one in a way that matters at the site, the case enters
        the call-back list.
        """
        case = self.visible(Case.objects.all(), case_id)
        given = self.checked(RecordInterimOpinionSerializer)

        def recorded() -> InterimOpinion:
            return record_interim_opinion(case=case, author=request.user, **given)

        made = self.once(InterimOpinion, recorded)
        return Response(InterimOpinionSerializer(made).data, status=201)
