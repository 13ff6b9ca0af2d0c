"""What a release said of an image."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_PREDICTION, A_PREDICTION_ID, AN_IMAGE
from triage.api.fields import FINDING_VALUES, ClassField, CodeField, FindingField, ShareField
from triage.api.places import BoxSerializer, PointSerializer
from triage.api.release_serializers import OperatingPointsSerializer, ReleaseNameSerializer
from triage.api.schema import described, explained
from triage.api.views import Resource
from triage.disclosure import DisclosedPrediction
from triage.models import Prediction
from triage.vocabulary import Indication
from triage.worklist.one_case import shown_case


# Shows a ``DisclosedPrediction``, never the row itself.
class PredictionSerializer(serializers.Serializer):
    """The model's output, no diagnosis.

    Classes and what belongs to them are null unless a fracture is suspected or in doubt.
    """

    id = serializers.UUIDField(
        source="prediction.id", **explained("The prediction's id, a UUID.", A_PREDICTION_ID)
    )
    image = serializers.UUIDField(
        source="prediction.image_id", **explained("The id of its image.", AN_IMAGE)
    )
    release = ReleaseNameSerializer(
        source="prediction.release", help_text="The release that made it."
    )
    assessable = serializers.BooleanField(
        source="prediction.assessable",
        **explained("False: the image is no bone radiograph that the release can read.", True),
    )
    reason = serializers.CharField(
        source="prediction.reason_to_show",
        **explained("Why the image is not assessable, in a sentence; empty otherwise.", ""),
    )
    reason_code = serializers.CharField(
        source="prediction.reason_code",
        **explained(
            "The same as a code, such as `chest` or `small`; empty where it is assessable. `other`: an old "
            "release wrote a sentence of its own.",
            "",
        ),
    )
    finding = serializers.SerializerMethodField(
        **explained("The same as `call`; `refused` if the image is not assessable.", "doubt")
    )
    call = CodeField(
        ["positive", "doubt", "negative"],
        source="call_value",
        allow_null=True,
        **explained("Null where the image is not assessable.", "doubt"),
    )
    call_is_usable = serializers.BooleanField(
        **explained(
            "False: the release can't distinguish fracture from no fracture on bones from elsewhere. Then "
            "every assessable image is in doubt, and no chance of a fracture is returned.",
            True,
        )
    )
    fracture_probability = ShareField(
        allow_null=True,
        **explained(
            "Calibrated chance of a fracture, 0 to 1. Null where the image is not assessable, where the "
            "release's call may not be used, and of predictions of the first releases, which made no call.",
            0.21,
        ),
    )
    operating_points = serializers.SerializerMethodField(
        help_text="The two operating points that the call was made with. Null if the image is not "
        "assessable, if the release's call may not be used, or if the prediction is older than this field."
    )
    predicted_class = ClassField(
        allow_null=True,
        **explained("The most probable class. Null if none is returned.", "spiral"),
    )
    top_class = serializers.SerializerMethodField(
        **explained("The same as `predicted_class`, by its older name.", "spiral")
    )
    confidence = serializers.FloatField(
        allow_null=True,
        **explained(
            "Calibrated probability of `predicted_class`, 0 to 1; null if no class is returned.",
            0.62,
        ),
    )
    rival_class = ClassField(
        allow_null=True, **explained("The second most probable class; null where none.", "oblique")
    )
    prediction_set = serializers.ListField(
        child=ClassField(),
        allow_null=True,
        **explained(
            "The classes that the release doesn't rule out; null if no class is returned.",
            ["spiral", "oblique"],
        ),
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
    indication = CodeField(
        Indication.choices,
        allow_blank=True,
        **explained(
            "Whether the release was measured on such images; empty where that wasn't looked at.",
            "not_measured",
        ),
    )
    not_measured_for = serializers.ListField(
        child=serializers.CharField(),
        **explained(
            "Body part, projection or age band of this image, or the combination of them, for which the "
            "release has not been evaluated. Empty if the image is not assessable, and unless `indication` "
            "is `not_measured`.",
            ["child"],
        ),
    )
    created_at = serializers.DateTimeField(
        source="prediction.created_at",
        **explained("When it was made, in UTC.", "2026-03-02T09:14:27.120000Z"),
    )

    @extend_schema_field(FindingField)
    def get_finding(self, disclosed: DisclosedPrediction) -> str:
        return FINDING_VALUES[disclosed.call]

    @extend_schema_field(ClassField(allow_null=True))
    def get_top_class(self, disclosed: DisclosedPrediction) -> str | None:
        return disclosed.predicted_class

    @extend_schema_field(OperatingPointsSerializer(allow_null=True))
    def get_operating_points(self, disclosed: DisclosedPrediction) -> dict[str, Any] | None:
        return OperatingPointsSerializer(disclosed).data if disclosed.points else None


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
        **explained(
            "Class → probability, 0 to 1, calibrated, summing to 1; null if no class is returned.",
            A_PREDICTION.value["probabilities"],
        ),
    )
    scores = serializers.DictField(
        child=serializers.FloatField(),
        allow_null=True,
        **explained(
            "Class → raw score of any size, before calibration; null if no class is returned.",
            A_PREDICTION.value["scores"],
        ),
    )
    activation_map = Grid(
        allow_null=True,
        **explained(
            "Where `predicted_class` was seen, 0 to 1 a cell. Covers the whole image; its longer side has 32 "
            "cells.",
            A_PREDICTION.value["activation_map"],
        ),
    )
    rival_activation_map = Grid(
        allow_null=True,
        **explained(
            "Where it found the rival class; covers the same.",
            A_PREDICTION.value["rival_activation_map"],
        ),
    )
    fracture_map = Grid(
        allow_null=True,
        **explained(
            "For each cell the calibrated probability of a fracture there, 0 to 1, of whatever class. Covers "
            "the whole image, without a border; its longer side has 56 cells, so an image of 819 × 1024 "
            "pixels has 56 rows of 45. Null where `focus` is null.",
            A_PREDICTION.value["fracture_map"],
        ),
    )
    milliseconds = serializers.FloatField(
        source="prediction.milliseconds",
        **explained("How long the model took over this image, in ms; more than 0.", 61.4),
    )


class OnePrediction(Resource):
    @described(
        "prediction",
        "What a release predicts for one image, with its activation maps",
        answers={200: PredictionDetailSerializer},
        errors=(401, 404),
        examples=[A_PREDICTION],
    )
    def get(self, request: Request, prediction_id: UUID) -> Response:
        """The model's output, no diagnosis. It never changes; another release makes another one."""
        predictions = Prediction.objects.select_related("release", "image__case")
        found = self.visible(predictions.defer("release__manifest"), prediction_id)
        case = shown_case(request.user, found.image.case)
        disclosed = case.disclose(found)
        if disclosed is None:  # hidden, and so no prediction at all
            raise Http404
        return Response(PredictionDetailSerializer(disclosed).data)
