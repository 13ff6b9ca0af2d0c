"""A case as the API shows it: briefly in lists, whole by itself."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from triage.api import claims
from triage.api.images import ImageSerializer, with_readings
from triage.api.me import PersonSerializer, SiteSerializer
from triage.api.reviews import ReviewSerializer, shown
from triage.api.words import (
    CaseStateField,
    ClassField,
    OptionalWord,
    PriorityField,
    SuspicionField,
    UnreadCodeField,
)
from triage.disclosure import tell_case, with_finding
from triage.models import Case, Image, Review
from triage.vocabulary import AgeBand, Projection, Sex, Side


def whole(case_id: UUID) -> Case:
    """The case with what ``CaseDetailSerializer`` shows of it, in a fixed number of queries."""
    cases = with_finding(Case.objects.all()).select_related(
        "site", "sender", "claimed_by", "withdrawn_by"
    )
    images = with_readings(Image.objects.all())
    reviews = shown(Review.objects.all())
    return cases.prefetch_related(Prefetch("images", images), Prefetch("reviews", reviews)).get(
        pk=case_id
    )


class CaseSerializer(serializers.ModelSerializer):
    age_band = OptionalWord(AgeBand.choices)
    sex = OptionalWord(Sex.choices)
    side = OptionalWord(Side.choices)
    projection = OptionalWord(Projection.choices)
    site = SiteSerializer()
    state = CaseStateField()
    priority = PriorityField()
    due_at = serializers.DateTimeField(
        help_text="The deadline of the second opinion: `received_at` and the site's allowed wait. The "
        "model may only shorten what the priority gives: an image with a suspected fracture or in doubt "
        "waits no longer than its class allows, and no longer than the priority's wait in doubt; every other "
        "one waits as long as the priority says. Of the case's images the shortest wait counts, whichever "
        "gives `finding`."
    )
    finding = SuspicionField(
        source="suspicion",
        read_only=True,
        help_text="The strongest call of the case's images: `positive`, then `doubt`, `unread`, `refused`, "
        "`negative`; of equal calls the higher chance of a fracture. So `negative` means that every image "
        "was read and assessable. While an image still waits for the model (`state` is `received`), the "
        "other images' finding is told.",
    )
    code = serializers.SerializerMethodField(
        help_text="`outside_indications` where `finding` stays `unread`, since the release is not for "
        "`unread_images` of the case's images; null otherwise. Each image says why."
    )
    fracture_probability = serializers.SerializerMethodField(
        help_text="The chance of a fracture of the image that gives `finding`, 0..1; null where there is "
        "none, or where the release's call may not be used."
    )
    unread_images = serializers.IntegerField(
        read_only=True,
        help_text="Images that the model has not read and won't read without another try or release. "
        "0 of cases that were closed before this was counted.",
    )
    refused_images = serializers.IntegerField(
        read_only=True,
        help_text="Images that the model called not assessable. 0 of cases that were closed before this "
        "was counted.",
    )
    predicted_class = serializers.SerializerMethodField(
        help_text="Null unless `finding` is `positive` or `doubt`."
    )
    confidence = serializers.SerializerMethodField(
        help_text="0..1, calibrated; null where there is no class."
    )
    claim = serializers.SerializerMethodField(help_text="Who reads it now; null for nobody.")
    image_count = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField(help_text="Of the first image.")

    class Meta:
        model = Case
        fields = [
            *("id", "site", "state", "priority", "received_at", "due_at", "closed_at"),
            *(
                "finding",
                "code",
                "fracture_probability",
                "unread_images",
                "refused_images",
                "predicted_class",
                "confidence",
                "claim",
                "accession_number",
                "patient_reference",
            ),
            *("age_band", "sex", "body_part", "side", "projection", "clinical_question"),
            *("source", "is_synthetic", "image_count", "thumbnail"),
        ]
        read_only_fields = fields

    @extend_schema_field(UnreadCodeField(allow_null=True))
    def get_code(self, case: Case) -> str | None:
        return case.unread_code or None

    def get_fracture_probability(self, case: Case) -> float | None:
        told = tell_case(case)
        return told.fracture_probability if told else None

    @extend_schema_field(ClassField(allow_null=True))
    def get_predicted_class(self, case: Case) -> str | None:
        return case.predicted_class or None

    def get_confidence(self, case: Case) -> float | None:
        return case.confidence if case.predicted_class else None

    @extend_schema_field(claims.ClaimSerializer(allow_null=True))
    def get_claim(self, case: Case) -> dict[str, Any] | None:
        return claims.shown(case)

    def get_image_count(self, case: Case) -> int:
        return len(case.images.all())

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_thumbnail(self, case: Case) -> str | None:
        image = case.first_image
        request = self.context["request"]
        return reverse("api_image_thumbnail", args=[image.pk], request=request) if image else None


class CasePageSerializer(serializers.Serializer):
    """A keyset page. ``next`` and ``previous`` are addresses, null at the ends."""

    results = CaseSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class CaseDetailSerializer(CaseSerializer):
    sender = PersonSerializer()
    withdrawn_by = PersonSerializer(allow_null=True)
    prediction = serializers.UUIDField(
        source="deciding_prediction_id",
        allow_null=True,
        help_text="The prediction that gives `finding` and class; agree with it by its id. Null where the "
        "case counts as unread.",
    )
    images = ImageSerializer(many=True)
    reviews = ReviewSerializer(many=True)

    class Meta(CaseSerializer.Meta):
        fields = [
            *CaseSerializer.Meta.fields,
            *("sender", "withdrawn_by", "withdrawn_reason", "prediction", "images", "reviews"),
        ]
        read_only_fields = fields


class DuplicateSerializer(serializers.Serializer):
    """The same bytes came to this site before. The case was taken all the same."""

    file = serializers.CharField(source="file_name")
    earlier_case = serializers.UUIDField(source="earlier_case_id")
    earlier_accession_number = serializers.CharField(source="earlier_accession")


class NewCaseSerializer(CaseDetailSerializer):
    duplicates = serializers.SerializerMethodField()

    class Meta(CaseDetailSerializer.Meta):
        fields = [*CaseDetailSerializer.Meta.fields, "duplicates"]
        read_only_fields = fields

    @extend_schema_field(DuplicateSerializer(many=True))
    def get_duplicates(self, case: Case) -> object:
        return DuplicateSerializer(self.context["duplicates"], many=True).data
