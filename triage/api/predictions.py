"""What a release said of an image."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_PREDICTION
from triage.api.resource import Resource
from triage.api.schema import described
from triage.api.words import ClassField, SuspicionField, WordField
from triage.disclosure import Told, tell
from triage.models import Prediction, Release
from triage.vocabulary import Indication


class ReleaseNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Release
        fields = ["id", "name", "version", "sha256"]


class Fraction(serializers.FloatField):
    """0..1."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=1, **options)


class PointSerializer(serializers.Serializer):
    """A place on the image, in fractions of its width and height from the upper left corner."""

    x = Fraction(help_text="From the left edge: 0, to the right edge: 1.")
    y = Fraction(help_text="From the upper edge: 0, to the lower edge: 1.")


class BoxSerializer(serializers.Serializer):
    """A rectangle on the image in which the release suspects a fracture. It lies within the image."""

    x = Fraction(help_text="Its left edge, as a fraction of the image's width.")
    y = Fraction(help_text="Its upper edge, as a fraction of the image's height.")
    width = Fraction(help_text="As a fraction of the image's width; more than 0.")
    height = Fraction(help_text="As a fraction of the image's height; more than 0.")
    score = Fraction(help_text="Calibrated probability that the box lies on a fracture.")


class OperatingPointsSerializer(serializers.Serializer):
    """Probabilities, 0..1: the call is negative below the first, positive from the second on."""

    negative_below = serializers.FloatField(source="points.negative_below")
    positive_from = serializers.FloatField(source="points.positive_from")
    set_by_site = serializers.BooleanField(
        source="by_own_points", help_text="False: they are the release's own."
    )


class PredictionSerializer(serializers.Serializer):
    """A suggestion, no diagnosis. Shows ``triage.disclosure.Told``, never the row itself.

    Classes and what belongs to them are null unless a fracture is suspected or in doubt.
    """

    id = serializers.UUIDField(source="prediction.id")
    image = serializers.UUIDField(source="prediction.image_id")
    release = ReleaseNameSerializer(source="prediction.release")
    assessable = serializers.BooleanField(source="prediction.assessable")
    reason = serializers.CharField(source="prediction.reason")
    finding = SuspicionField(source="suspicion")
    call = WordField(
        ["positive", "doubt", "negative"],
        allow_null=True,
        help_text="Null where the image is not assessable.",
    )
    call_is_usable = serializers.BooleanField(
        help_text="False: the release can't tell fracture from none on bones from elsewhere, so "
        "every assessable image is in doubt and no chance of a fracture is told."
    )
    fracture_probability = Fraction(
        allow_null=True,
        help_text="Calibrated. Null where the image is not assessable, where the release's call may not be "
        "used, and of predictions of the first releases, which made no call.",
    )
    operating_points = serializers.SerializerMethodField(
        help_text="What the call was made at; null where no call is told, and of predictions that were made "
        "before points were kept."
    )
    top_class = ClassField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True)
    rival_class = ClassField(allow_null=True)
    prediction_set = serializers.ListField(
        child=ClassField(),
        allow_null=True,
        help_text="The classes that the release doesn't rule out.",
    )
    boxes = BoxSerializer(
        many=True,
        allow_null=True,
        help_text="Where a fracture is suspected, best first; at least one where `call` is `positive` or "
        "`doubt`. Empty: nothing is called. Null: the release has no detector, or its call may not be used.",
    )
    focus = PointSerializer(
        allow_null=True,
        help_text="The strongest place, where `call` is `positive` or `doubt`; otherwise null.",
    )
    indication = WordField(
        Indication.choices,
        allow_blank=True,
        help_text="Whether the release was measured on such images; empty where that wasn't looked at.",
    )
    not_measured_for = serializers.ListField(
        child=serializers.CharField(),
        help_text="Of what the image shows (body part, view, age band), what the release was not measured "
        "for.",
    )
    created_at = serializers.DateTimeField(source="prediction.created_at")

    @extend_schema_field(OperatingPointsSerializer(allow_null=True))
    def get_operating_points(self, told: Told) -> dict[str, Any] | None:
        return OperatingPointsSerializer(told).data if told.points else None


class Grid(serializers.ListField):
    """Rows from the top down, each from left to right, of 0..1. The cells cover exactly the image: they are
    of one size, the first begins in its upper left corner, the last ends in its lower right corner. The
    longer side has a fixed number of cells, the other side as many as keep them nearly square.
    """

    child = serializers.ListField(child=serializers.FloatField())


class PredictionDetailSerializer(PredictionSerializer):
    probabilities = serializers.DictField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="Class → 0..1, calibrated, summing to 1.",
    )
    scores = serializers.DictField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="Class → raw score, before calibration.",
    )
    activation_map = Grid(
        allow_null=True,
        help_text="Where the top class was seen. Covers the whole image; its longer side has 32 cells.",
    )
    rival_activation_map = Grid(
        allow_null=True, help_text="Where the rival class was seen; covers the same."
    )
    fracture_map = Grid(
        allow_null=True,
        help_text="For each cell the calibrated probability of a fracture there, of whatever class. Covers "
        "the whole image, without a border; its longer side has 56 cells, so an image of 819 × 1024 pixels "
        "has 56 rows of 45. Null where `focus` is null.",
    )
    milliseconds = serializers.FloatField(source="prediction.milliseconds")


class OnePrediction(Resource):
    @described(
        "prediction",
        "A release's reading of one image, with its activation maps",
        answers={200: PredictionDetailSerializer},
        errors=(401, 404),
        examples=[A_PREDICTION],
    )
    def get(self, request: Request, prediction_id: UUID) -> Response:
        """A suggestion, no diagnosis. It never changes; another release makes another one."""
        predictions = Prediction.objects.select_related("release", "image__case")
        found = self.visible(predictions.defer("release__manifest"), prediction_id)
        return Response(PredictionDetailSerializer(tell(found, found.image.case)).data)
