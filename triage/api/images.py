"""Images: their facts, how their reading stands, and their files."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from triage.api.image_facts import ImageFactsSerializer
from triage.api.predictions import PredictionSerializer
from triage.api.resource import AnyAccept, Resource
from triage.api.schema import described
from triage.api.words import JobStateField, UnreadCodeField
from triage.disclosure import tell, why_not_read
from triage.intake.pictures import send_image
from triage.models import Image, Job, Prediction
from triage.models.visibility import SiteOwnedQuerySet
from triage.vocabulary import UnreadCode


def with_readings(images: SiteOwnedQuerySet) -> SiteOwnedQuerySet:
    """``images`` with what ``ImageSerializer`` shows of them, in a fixed number of queries."""
    predictions = Prediction.objects.light().order_by("created_at")
    jobs = Job.objects.select_related("release").defer("error_detail", "release__manifest")
    newest_first = jobs.order_by("-queued_at", "-id")
    return images.select_related("case", "series__study").prefetch_related(
        Prefetch("jobs", newest_first), Prefetch("predictions", predictions)
    )


class JobSerializer(serializers.ModelSerializer):
    """Where the reading of an image stands. ``failure`` is "" unless the active release failed."""

    state = JobStateField()
    failure = serializers.CharField(source="failure_to_show")

    class Meta:
        model = Job
        fields = ["state", "attempt", "queued_at", "started_at", "finished_at", "failure"]
        read_only_fields = fields


class ImageSerializer(ImageFactsSerializer):
    display = serializers.SerializerMethodField(help_text="At most 1600 px, JPEG.")
    thumbnail = serializers.SerializerMethodField(help_text="At most 192 px, JPEG.")
    original = serializers.SerializerMethodField(help_text="The bytes as they were sent.")
    job = serializers.SerializerMethodField(
        help_text="The newest one; null while no release is active."
    )
    code = serializers.SerializerMethodField(
        help_text="`outside_indications` where no model reads the image, since the release is not for such "
        "images: its job is `excluded` and there is no prediction. Null otherwise."
    )
    reason = serializers.SerializerMethodField(help_text="The same in a sentence; empty otherwise.")
    predictions = serializers.SerializerMethodField()

    class Meta(ImageFactsSerializer.Meta):
        fields = [
            *("id", "case", "position", "file_name", "kind", "byte_size", "sha256"),
            *("width", "height", "bits", "modality", "created_at"),
            *ImageFactsSerializer.Meta.fields,
            *("display", "thumbnail", "original", "job", "code", "reason", "predictions"),
        ]
        read_only_fields = fields

    def _address(self, image: Image, which: str) -> str:
        return reverse(f"api_image_{which}", args=[image.pk], request=self.context["request"])

    @extend_schema_field(OpenApiTypes.URI)
    def get_display(self, image: Image) -> str:
        return self._address(image, "display")

    @extend_schema_field(OpenApiTypes.URI)
    def get_thumbnail(self, image: Image) -> str:
        return self._address(image, "thumbnail")

    @extend_schema_field(OpenApiTypes.URI)
    def get_original(self, image: Image) -> str:
        return self._address(image, "original")

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, image: Image) -> dict[str, Any] | None:
        newest = next(iter(image.jobs.all()), None)
        return JobSerializer(newest).data if newest else None

    @extend_schema_field(UnreadCodeField(allow_null=True))
    def get_code(self, image: Image) -> str | None:
        return UnreadCode.OUTSIDE_INDICATIONS.value if why_not_read(image) else None

    def get_reason(self, image: Image) -> str:
        return why_not_read(image)

    @extend_schema_field(PredictionSerializer(many=True))
    def get_predictions(self, image: Image) -> list[dict[str, Any]]:
        told = [tell(prediction, image.case) for prediction in image.predictions.all()]
        return PredictionSerializer(told, many=True).data


class OneImage(Resource):
    @described(
        "image",
        "An image: its facts, its reading, its predictions",
        answers={200: ImageSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, image_id: UUID) -> Response:
        """`job` tells how the reading by the newest release stands, and why it failed."""
        image = self.visible(with_readings(Image.objects.all()), image_id)
        return Response(ImageSerializer(image, context={"request": request}).data)


class _Picture(Resource):
    """A file of an image. Any Accept will do; errors are JSON all the same."""

    content_negotiation_class = AnyAccept
    which = ""

    def picture(self, image_id: UUID) -> HttpResponseBase:
        image = self.visible(Image.objects.all(), image_id)
        return send_image(self.request._request, image, self.which)


class Display(_Picture):
    which = "display"

    @described(
        "image_display",
        "The image for reading, as JPEG",
        answers={(200, "image/jpeg"): OpenApiTypes.BINARY},
        errors=(401, 404),
    )
    def get(self, request: Request, image_id: UUID) -> HttpResponseBase:
        """Windowed to 8 bit; send `If-None-Match` to ask whether it is already yours."""
        return self.picture(image_id)


class Thumbnail(_Picture):
    which = "thumbnail"

    @described(
        "image_thumbnail",
        "A small picture for lists, as JPEG",
        answers={(200, "image/jpeg"): OpenApiTypes.BINARY},
        errors=(401, 404),
    )
    def get(self, request: Request, image_id: UUID) -> HttpResponseBase:
        """Never changes; keep it."""
        return self.picture(image_id)


class Original(_Picture):
    which = "original"

    @described(
        "image_original",
        "The bytes as they were sent, to be saved",
        answers={
            (200, media): OpenApiTypes.BINARY
            for media in ("image/jpeg", "image/png", "image/tiff", "application/dicom")
        },
        errors=(401, 404),
    )
    def get(self, request: Request, image_id: UUID) -> HttpResponseBase:
        """Untouched. `Content-Disposition` carries the sender's file name."""
        return self.picture(image_id)
