"""Images, their files, and what the model said of them."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.documented import documented
from triage.api.serializers import (
    ImageSerializer,
    PredictionDetailSerializer,
    ReleaseSerializer,
)
from triage.api.views import Resource
from triage.intake.pictures import send_image
from triage.models import Image, Prediction, Release


class ImageView(Resource):
    @documented("Read an image", gives=ImageSerializer)
    def get(self, request: Request, image_id: UUID) -> Response:
        """An image's facts, jobs and predictions, with links to its files."""
        images = Image.objects.prefetch_related("jobs", "predictions__release")
        image = self.visible(images, image_id)
        return Response(ImageSerializer(image, context={"request": request}).data)


class ImageFileView(Resource):
    @extend_schema(
        summary="Download an image",
        responses={
            (200, "image/*"): OpenApiTypes.BINARY,
            (200, "application/dicom"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, image_id: UUID, which: str) -> HttpResponse:
        """``display`` and ``thumbnail`` are JPEG; ``original`` is the bytes that were sent."""
        return send_image(request._request, self.visible(Image.objects.all(), image_id), which)


class PredictionView(Resource):
    @documented("Read a prediction", gives=PredictionDetailSerializer)
    def get(self, request: Request, prediction_id: UUID) -> Response:
        """Probabilities, raw scores and the activation maps of an image. No diagnosis."""
        predictions = Prediction.objects.select_related("release")
        return Response(PredictionDetailSerializer(self.visible(predictions, prediction_id)).data)


class ModelsView(Resource):
    @documented("List the model releases", gives=ReleaseSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every registered release with the figures of its own evaluation; one is active."""
        return Response(ReleaseSerializer(Release.objects.all(), many=True).data)
