"""The OpenAPI document of the API, and how a view says what it does in it."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers

MEANINGS = {
    400: (
        "Something in the request is refused; `fields` and `files` name it. Nothing was changed. "
        "`broken_off`: the body is shorter than its Content-Length, or a form's last boundary is "
        "missing. `bad_part`: a part of a form has no name that can be read."
    ),
    401: "No valid token or session.",
    403: "You see it, but your role or your part in the case doesn't allow this.",
    404: "It doesn't exist, or not for you.",
    409: "Somebody or something got there first: look again, then decide.",
    411: "The body came without a length (`Transfer-Encoding: chunked`). Send Content-Length.",
    413: "The body is larger than what is taken here. It was not read.",
    415: "The body is of a type that is not taken here.",
    429: "Too many tries; `Retry-After` says when to come back.",
    503: "The site was busy with the same data. The message says whether anything was changed; "
    "`Retry-After` says when to come back.",
}


class ExampleSchema(AutoSchema):
    """Writes the example of a field (``explained``) into the OpenAPI document."""

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> dict[str, Any]:
        meta: dict[str, Any] = super()._get_serializer_field_meta(field, direction)
        style = getattr(field, "style", {})
        return {**meta, "example": style["example"]} if "example" in style else meta


def explained(text: str, example: object) -> dict[str, Any]:
    """Options of a serializer's field: what it means, with its unit and range, and a value it may have."""
    return {"help_text": text, "style": {"example": example}}


class RefusedFileSerializer(serializers.Serializer):
    file = serializers.CharField(help_text="The file's name, as it was sent.")
    code = serializers.CharField()
    reason = serializers.CharField()


class ErrorBodySerializer(serializers.Serializer):
    code = serializers.CharField(help_text="For programs.")
    message = serializers.CharField(help_text="A sentence for people.")
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    files = RefusedFileSerializer(many=True)
    request_id = serializers.CharField(help_text="Tell it to an operator to find the log lines.")


class ErrorSerializer(serializers.Serializer):
    error = ErrorBodySerializer()


def described(
    operation: str,
    summary: str,
    *,
    answers: dict[int | tuple[int, str], Any],
    request: Any = None,
    errors: Sequence[int] = (401,),
    **more: Any,
) -> Callable[[Any], Any]:
    """Describes a handler in the OpenAPI document, each of its errors in the one shape.

    Args:
        operation: its id, unique in the document.
        answers: status (or status and media type) → what a success holds.
        errors: the statuses it refuses with; 411 is added where there is a body.
    """
    codes = {*errors, 503}  # any address may meet others at the same rows
    if request is not None:
        codes.add(411)
    refusals = {
        code: OpenApiResponse(ErrorSerializer, description=MEANINGS[code]) for code in sorted(codes)
    }
    return extend_schema(
        operation_id=operation,
        summary=summary,
        request=request,
        responses={**answers, **refusals},
        **more,
    )
