"""Images: their facts, how their reading stands, and their files."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from triage.api.case_serializers import context_of_one
from triage.api.examples import A_CASE, AN_IMAGE
from triage.api.fields import CodeField, UnreadCodeField
from triage.api.image_serializers import ImageFactsSerializer
from triage.api.job_serializers import JobSerializer
from triage.api.predictions import PredictionSerializer
from triage.api.schema import described, explained, with_example
from triage.api.views import AnyAccept, Resource
from triage.disclosure import DisclosedCase
from triage.http.files import send_image
from triage.models import Image, Job, Prediction
from triage.models.visibility import SiteOwnedQuerySet
from triage.vocabulary import UnreadCode

CURVE = OpenApiParameter(
    "curve",
    int,
    description=with_example(
        "By which of the image's `curves`: 1, the default, is the first one.", "2"
    ),
    default=1,
)
_ADDRESS = f"https://callus.example.org/api/v1/images/{AN_IMAGE}"


def with_readings(images: SiteOwnedQuerySet) -> SiteOwnedQuerySet:
    """``images`` with what ``ImageSerializer`` shows of them, in a fixed number of queries.

    Their cases are not among it: who fetches a case's images has it.
    """
    predictions = Prediction.objects.light().order_by("created_at")
    jobs = Job.objects.select_related("release").defer("error_detail", "release__manifest")
    newest_first = jobs.order_by("-queued_at", "-id")
    return images.select_related("series__study").prefetch_related(
        Prefetch("jobs", newest_first), Prefetch("predictions", predictions)
    )


class ImageSerializer(ImageFactsSerializer):
    file_format = CodeField(
        Image.FileFormat.choices,
        source="kind",
        **explained("What the file is, by its content.", "dicom"),
    )
    display = serializers.SerializerMethodField(
        **explained(
            "Address of the JPEG to read on, its longer side at most 1600 px.",
            f"{_ADDRESS}/display",
        )
    )
    thumbnail = serializers.SerializerMethodField(
        **explained(
            "Address of a small JPEG, its longer side at most 192 px.", f"{_ADDRESS}/thumbnail"
        )
    )
    original = serializers.SerializerMethodField(
        **explained("Address of the bytes as they were sent.", f"{_ADDRESS}/original")
    )
    rendition = serializers.SerializerMethodField(
        **explained(
            "Address of the pixels without loss, 8 or 16 bit, in a format that is explained there.",
            f"{_ADDRESS}/rendition",
        )
    )
    job = serializers.SerializerMethodField(
        help_text="The newest one; null while no release is active."
    )
    code = serializers.SerializerMethodField(
        **explained(
            "`outside_indications` where no model reads the image, since the release is not for such images: "
            "its job is `excluded` and there is no prediction. Null otherwise, and where the model's output "
            "is hidden from you.",
            "outside_indications",
        )
    )
    reason = serializers.SerializerMethodField(
        **explained("The same in a sentence; empty otherwise.", "The model is not for chest films.")
    )
    reason_code = serializers.SerializerMethodField(
        **explained(
            "Which reason it is, such as `chest`. `by_release`: the release's own sentence. Empty where "
            "`reason` is.",
            "chest",
        )
    )
    predictions = serializers.SerializerMethodField(
        help_text="What each release has said of the image, the oldest first. None where the model's output "
        "is hidden from you."
    )

    class Meta(ImageFactsSerializer.Meta):
        fields = [
            *("id", "case", "position", "file_name", "file_format", "kind", "byte_size", "sha256"),
            *("width", "height", "bits", "modality", "created_at", "header_contradicts"),
            *ImageFactsSerializer.Meta.fields,
            *("display", "thumbnail", "original", "job", "code", "reason", "reason_code"),
            *("predictions", "rendition"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            **ImageFactsSerializer.Meta.extra_kwargs,
            "id": explained("The image's id, a UUID.", AN_IMAGE),
            "case": explained("The id of its case.", A_CASE),
            "position": explained("Its place in the case, from 1 on.", 1),
            "file_name": explained("As it was sent; its last 120 characters.", "wrist-pa.dcm"),
            "kind": explained("The same as `file_format`, by its older name.", "dicom"),
            "byte_size": explained("Bytes of the original; more than 0.", 8_412_774),
            "sha256": explained("SHA-256 of the original, 64 hexadecimal digits.", "5c1a" * 16),
            "width": explained("Pixels from left to right (DICOM: Columns); more than 0.", 1760),
            "height": explained("Pixels from top to bottom (DICOM: Rows); more than 0.", 2140),
            "bits": explained("Bits a pixel that the picture really has, 2 to 16.", 12),
            "modality": explained("The header's Modality (0008,0060); empty outside DICOM.", "DX"),
            "header_contradicts": explained(
                "Fields of the case in which the file's header says something else than the sender, whose "
                "value counts: `accession_number`, `age_band`, `body_part`, `side`, `projection`. Null for "
                "images of before, which nobody compared.",
                ["side"],
            ),
            "created_at": explained("When it was stored, in UTC.", "2026-03-02T09:14:26Z"),
        }

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

    @extend_schema_field(OpenApiTypes.URI)
    def get_rendition(self, image: Image) -> str:
        return self._address(image, "rendition")

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, image: Image) -> dict[str, Any] | None:
        newest = next(iter(image.jobs.all()), None)
        return JobSerializer(newest).data if newest else None

    @extend_schema_field(UnreadCodeField(allow_null=True))
    def get_code(self, image: Image) -> str | None:
        return UnreadCode.OUTSIDE_INDICATIONS.value if self.get_reason(image) else None

    def get_reason(self, image: Image) -> str:
        case: DisclosedCase = self.context["disclosed_cases"][image.case_id]
        return case.why_not_read(image)

    def get_reason_code(self, image: Image) -> str:
        case: DisclosedCase = self.context["disclosed_cases"][image.case_id]
        return case.why_not_read_code(image)

    @extend_schema_field(PredictionSerializer(many=True))
    def get_predictions(self, image: Image) -> list[dict[str, Any]]:
        # From ``context_of_one``, asked once for all images.
        case: DisclosedCase = self.context["disclosed_cases"][image.case_id]
        disclosed = (case.disclose(prediction) for prediction in image.predictions.all())
        return PredictionSerializer(list(filter(None, disclosed)), many=True).data


class OneImage(Resource):
    @described(
        "image",
        "An image: its facts, its reading, its predictions",
        answers={200: ImageSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, image_id: UUID) -> Response:
        """`job` says how far the newest release's job is, and why it failed."""
        images = with_readings(Image.objects.all()).select_related("case")
        image = self.visible(images, image_id)
        return Response(ImageSerializer(image, context=context_of_one(request, image.case)).data)


class ImageFile(Resource):
    """A file of an image. Every Accept header is served; errors are JSON."""

    content_negotiation_class = AnyAccept
    which = ""

    def send(self, image_id: UUID, number: str = "") -> HttpResponseBase:
        image = self.visible(Image.objects.all(), image_id)
        return send_image(self.request._request, image, self.which + number)


class Display(ImageFile):
    which = "display"

    @described(
        "image_display",
        "The image for reading, as JPEG",
        answers={(200, "image/jpeg"): OpenApiTypes.BINARY},
        errors=(401, 404),
        parameters=[CURVE],
    )
    def get(self, request: Request, image_id: UUID) -> HttpResponseBase:
        """8 bit, as the header wants it shown. Send `If-None-Match`: 304 if you have it already."""
        return self.send(image_id, f"-{request.query_params.get('curve') or 1}")


class Thumbnail(ImageFile):
    which = "thumbnail"

    @described(
        "image_thumbnail",
        "A small picture for lists, as JPEG",
        answers={(200, "image/jpeg"): OpenApiTypes.BINARY},
        errors=(401, 404),
    )
    def get(self, request: Request, image_id: UUID) -> HttpResponseBase:
        """It never changes, so keep it."""
        return self.send(image_id)


class Original(ImageFile):
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
        """The file is unchanged. `Content-Disposition` has the sender's file name."""
        return self.send(image_id)
