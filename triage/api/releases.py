"""The model releases that are registered here."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.release_serializers import ReleaseNameSerializer
from triage.api.schema import described, explained
from triage.api.views import Resource
from triage.models import Release


class ReleaseSerializer(ReleaseNameSerializer):
    metrics = serializers.SerializerMethodField(
        **explained(
            "The figures of the release's own evaluation, as its manifest has them.",
            {"fracture": {"auroc": {"value": 0.91, "interval": [0.88, 0.94]}}},
        )
    )

    class Meta(ReleaseNameSerializer.Meta):
        fields = [
            *ReleaseNameSerializer.Meta.fields,
            *("state", "is_active", "call_is_usable", "registered_at", "activated_at", "metrics"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            **ReleaseNameSerializer.Meta.extra_kwargs,
            "state": explained(
                "`checking`: a worker has still to load it. `usable`: it may be active. `set_aside`: it "
                "can't be used.",
                "usable",
            ),
            "is_active": explained("True: new images are read by this release.", True),
            "call_is_usable": explained(
                "False: its call of fracture or none may not be used, so every image is in doubt.",
                True,
            ),
            "registered_at": explained(
                "When it was registered here, in UTC.", "2026-02-27T10:00:00Z"
            ),
            "activated_at": explained(
                "When it became active, in UTC; null if it never was.", "2026-03-01T06:00:00Z"
            ),
        }

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_metrics(self, release: Release) -> dict[str, Any]:
        return release.manifest.get("metrics", {})


class ReleaseListSerializer(serializers.Serializer):
    results = ReleaseSerializer(many=True, help_text="Every release, the newest first.")


class Releases(Resource):
    @described(
        "models",
        "Every registered model release, newest first; one is active",
        answers={200: ReleaseListSerializer},
    )
    def get(self, request: Request) -> Response:
        """Releases are never removed, because predictions refer to them."""
        return Response(ReleaseListSerializer({"results": Release.objects.defer(None)}).data)
