"""What a release said of an image."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.resource import Resource
from triage.api.schema import described
from triage.api.words import ClassField
from triage.models import Prediction, Release

# A page of cases shows none of these, and they are most of a row's bytes.
HEAVY = ("probabilities", "scores", "activation_map", "rival_activation_map")


class ReleaseNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Release
        fields = ["id", "name", "version", "sha256"]


class PredictionSerializer(serializers.ModelSerializer):
    """A suggestion, no diagnosis."""

    release = ReleaseNameSerializer()
    top_class = ClassField()
    rival_class = ClassField()
    prediction_set = serializers.ListField(
        child=ClassField(), help_text="The classes that the release doesn't rule out."
    )

    class Meta:
        model = Prediction
        fields = [
            *("id", "image", "release", "assessable", "reason", "fracture_probability", "call"),
            *("top_class", "confidence", "rival_class", "prediction_set", "created_at"),
        ]
        read_only_fields = fields


class Grid(serializers.ListField):
    """Rows of 0..1 on the network's last grid."""

    child = serializers.ListField(child=serializers.FloatField())


class PredictionDetailSerializer(PredictionSerializer):
    probabilities = serializers.DictField(
        child=serializers.FloatField(), help_text="Class → 0..1, calibrated, summing to 1."
    )
    scores = serializers.DictField(
        child=serializers.FloatField(), help_text="Class → raw score, before calibration."
    )
    activation_map = Grid(help_text="Where the top class was seen.")
    rival_activation_map = Grid(help_text="Where the rival class was seen.")

    class Meta(PredictionSerializer.Meta):
        fields = [*PredictionSerializer.Meta.fields, *HEAVY, "milliseconds"]
        read_only_fields = fields


class OnePrediction(Resource):
    @described(
        "prediction",
        "A release's reading of one image, with its activation maps",
        answers={200: PredictionDetailSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, prediction_id: UUID) -> Response:
        """A suggestion, no diagnosis. It never changes; another release makes another one."""
        found = self.visible(Prediction.objects.select_related("release"), prediction_id)
        return Response(PredictionDetailSerializer(found).data)
