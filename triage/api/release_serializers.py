"""A release, and the operating points of a call, as a prediction names them."""

from rest_framework import serializers

from triage.api.examples import A_RELEASE
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce
from triage.models import Release


class ReleaseNameSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    class Meta:
        model = Release
        fields = ["id", "name", "version", "sha256"]
        extra_kwargs = {
            "id": explained("The release's id, a UUID.", A_RELEASE["id"]),
            "name": explained("Its name, at most 80 characters.", A_RELEASE["name"]),
            "version": explained("Its version, at most 40 characters.", A_RELEASE["version"]),
            "sha256": explained(
                "SHA-256 of its manifest, 64 hexadecimal digits.", A_RELEASE["sha256"]
            ),
        }


class OperatingPointsSerializer(serializers.Serializer):
    """Probabilities, 0..1: the call is negative below the first, positive from the second on."""

    negative_below = serializers.FloatField(
        source="points.negative_below",
        **explained("Below this chance of a fracture, 0 to 1, the call is negative.", 0.03),
    )
    positive_from = serializers.FloatField(
        source="points.positive_from",
        **explained("From this chance of a fracture, 0 to 1, the call is positive.", 0.39),
    )
    set_by_site = serializers.BooleanField(
        source="by_own_points", **explained("False: they are the release's own.", False)
    )
