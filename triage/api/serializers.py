"""What the API takes and gives."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from triage.models import Case, Image, Job, Prediction, Release, Review
from triage.vocabulary import (
    AgeBand,
    BodyPart,
    FractureClass,
    Opinion,
    Priority,
    Projection,
    Sex,
    Side,
)

PRIORITIES = {priority.name.lower(): priority for priority in Priority}


class StrictSerializer(serializers.Serializer):
    """Input in which an unknown field is an error: a misspelt one must not vanish silently."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) - {"csrfmiddlewaretoken"}
        if unknown:
            raise serializers.ValidationError(
                {name: ["Unknown field."] for name in sorted(unknown)}
            )
        return super().to_internal_value(data)


class ErrorDetailSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]
    files = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    request_id = serializers.CharField()


class ErrorSerializer(serializers.Serializer):
    """The shape of every error."""

    error = ErrorDetailSerializer()


class PriorityField(serializers.ChoiceField):
    """ "stat", "urgent" or "routine" outside; its rank inside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=list(PRIORITIES), **options)

    def to_internal_value(self, data: Any) -> int:
        return int(PRIORITIES[super().to_internal_value(data)])

    def to_representation(self, value: int) -> str:
        return Priority(value).name.lower()


class CaseInputSerializer(StrictSerializer):
    """One case. Only ``site`` and ``images`` are always needed; DICOM tags may tell the body part."""

    site = serializers.CharField(help_text="The site's id or short name.")
    images = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        help_text="1 to 20 files: JPEG, PNG, TIFF or DICOM (CR, DX, secondary capture).",
    )
    body_part = serializers.ChoiceField(BodyPart.choices, required=False)
    accession_number = serializers.CharField(max_length=64, required=False)
    patient_reference = serializers.CharField(
        max_length=64, required=False, help_text="A pseudonym, never a name."
    )
    age_band = serializers.ChoiceField(AgeBand.choices, required=False)
    sex = serializers.ChoiceField(Sex.choices, required=False)
    side = serializers.ChoiceField(Side.choices, required=False)
    projection = serializers.ChoiceField(Projection.choices, required=False)
    clinical_question = serializers.CharField(max_length=2000, required=False)
    priority = PriorityField(required=False)


class DuplicateSerializer(serializers.Serializer):
    file = serializers.CharField(source="file_name")
    earlier_case = serializers.UUIDField(source="earlier_case_id")
    earlier_accession_number = serializers.CharField(source="earlier_accession")


class PersonSerializer(serializers.Serializer):
    """A colleague, as far as another needs to know."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class ReleaseBriefSerializer(serializers.ModelSerializer):
    class Meta:
        model = Release
        fields = ["id", "name", "version", "sha256"]


class PredictionSerializer(serializers.ModelSerializer):
    """A release's reading of one image. A suggestion, no diagnosis."""

    release = ReleaseBriefSerializer()
    image = serializers.UUIDField(source="image_id")
    probabilities = serializers.DictField(child=serializers.FloatField())
    scores = serializers.DictField(child=serializers.FloatField())

    class Meta:
        model = Prediction
        fields = [
            *("id", "image", "release", "assessable", "reason", "fracture_probability", "call"),
            *("probabilities", "scores", "top_class", "confidence", "rival_class"),
            *("prediction_set", "milliseconds", "created_at"),
        ]


class PredictionDetailSerializer(PredictionSerializer):
    activation_map = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField())
    )
    rival_activation_map = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField())
    )

    class Meta(PredictionSerializer.Meta):
        fields = [
            *PredictionSerializer.Meta.fields,
            *("activation_map", "rival_activation_map"),
        ]


class JobSerializer(serializers.ModelSerializer):
    """Where the reading of one image by one release stands."""

    class Meta:
        model = Job
        fields = ["id", "state", "attempt", "error", "queued_at", "finished_at"]


class ImageSerializer(serializers.ModelSerializer):
    links = serializers.SerializerMethodField()
    jobs = JobSerializer(many=True)
    predictions = PredictionSerializer(many=True)

    class Meta:
        model = Image
        fields = [
            *("id", "case", "position", "file_name", "kind", "byte_size", "sha256"),
            *("width", "height", "bits", "modality", "created_at", "links", "jobs", "predictions"),
        ]

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_links(self, image: Image) -> dict[str, str]:
        request = self.context.get("request")
        return {
            which: reverse("api_image_file", args=[image.pk, which], request=request)
            for which in ("display", "thumbnail", "original")
        }


class ReviewSerializer(serializers.ModelSerializer):
    reader = PersonSerializer()

    class Meta:
        model = Review
        fields = [
            *("id", "case", "reader", "stage", "opinion", "classes", "comment"),
            *("prediction", "supersedes", "signed_at"),
        ]


class ReviewInputSerializer(StrictSerializer):
    opinion = serializers.ChoiceField(Opinion.choices)
    classes = serializers.ListField(
        child=serializers.ChoiceField(FractureClass.choices), required=False, default=list
    )
    comment = serializers.CharField(max_length=4000, required=False, default="", allow_blank=True)
    prediction = serializers.UUIDField(
        required=False,
        default=None,
        allow_null=True,
        help_text="The suggestion that the reader saw; one that has changed since is a conflict.",
    )


class CorrectionInputSerializer(StrictSerializer):
    opinion = serializers.ChoiceField(Opinion.choices)
    classes = serializers.ListField(
        child=serializers.ChoiceField(FractureClass.choices), required=False, default=list
    )
    comment = serializers.CharField(max_length=4000, required=False, default="", allow_blank=True)


class WithdrawalSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class EmptySerializer(StrictSerializer):
    """No fields."""


class CaseSerializer(serializers.ModelSerializer):
    """A case as lists show it. ``predicted_class`` is "" until the model has read it."""

    site = serializers.SlugRelatedField("slug", read_only=True)
    priority = PriorityField()
    claimed_by = serializers.SerializerMethodField()
    claimed_until = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = [
            *("id", "site", "state", "priority", "received_at", "due_at", "closed_at"),
            *("predicted_class", "confidence", "claimed_by", "claimed_until"),
            *("accession_number", "patient_reference", "age_band", "sex", "body_part", "side"),
            *("projection", "clinical_question", "source", "is_synthetic", "withdrawn_reason"),
        ]

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_claimed_by(self, case: Case) -> dict[str, Any] | None:
        return PersonSerializer(case.claimed_by).data if case.claim_is_live else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_claimed_until(self, case: Case) -> Any:
        return case.claimed_until if case.claim_is_live else None


class CaseDetailSerializer(CaseSerializer):
    sender = PersonSerializer()
    images = ImageSerializer(many=True)
    reviews = ReviewSerializer(many=True)

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "sender", "images", "reviews"]


class CaseCreatedSerializer(CaseDetailSerializer):
    duplicates = DuplicateSerializer(many=True)

    class Meta(CaseDetailSerializer.Meta):
        fields = [*CaseDetailSerializer.Meta.fields, "duplicates"]


class CasePageSerializer(serializers.Serializer):
    """A keyset page: send ``next`` or ``previous`` back as ``cursor``."""

    results = CaseSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class ReleaseSerializer(serializers.ModelSerializer):
    metrics = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = [
            *("id", "name", "version", "sha256", "is_active"),
            *("registered_at", "activated_at", "metrics"),
        ]

    @extend_schema_field(serializers.DictField())
    def get_metrics(self, release: Release) -> dict[str, Any]:
        metrics: dict[str, Any] = release.manifest.get("metrics", {})
        return metrics
