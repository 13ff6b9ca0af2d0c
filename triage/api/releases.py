"""The model releases that are registered here."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.predictions import ReleaseNameSerializer
from triage.api.resource import Resource
from triage.api.schema import described
from triage.models import Release


class ReleaseSerializer(ReleaseNameSerializer):
    metrics = serializers.SerializerMethodField(
        help_text="The figures of the release's own evaluation, as its manifest has them."
    )

    class Meta(ReleaseNameSerializer.Meta):
        fields = [
            *ReleaseNameSerializer.Meta.fields,
            *("state", "is_active", "call_is_usable", "registered_at", "activated_at", "metrics"),
        ]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_metrics(self, release: Release) -> dict[str, Any]:
        return release.manifest.get("metrics", {})


class ReleaseListSerializer(serializers.Serializer):
    results = ReleaseSerializer(many=True)


class Releases(Resource):
    @described(
        "models",
        "Every registered model release, newest first; one is active",
        answers={200: ReleaseListSerializer},
    )
    def get(self, request: Request) -> Response:
        """A prediction names its release for ever, so none is ever removed."""
        return Response(ReleaseListSerializer({"results": Release.objects.defer(None)}).data)
