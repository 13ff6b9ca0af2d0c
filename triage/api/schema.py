"""The OpenAPI document of the API, and how a view says what it does in it."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from triage.api.examples import (
    A_CALL_BACK,
    A_CASE,
    A_CRITICAL_RESULT,
    A_MACRO,
    A_MEMBERSHIP,
    A_PREDICTION_ID,
    A_REVIEW,
    A_VIEW,
    AN_IMAGE,
    FIRST_LETTERS,
)
from triage.api.refusal_codes import CODES, meanings_of

MEANINGS = {
    400: (
        "Something in the request is refused; `fields` and `files` name it. Nothing was changed. "
        "`broken_off`: the body is shorter than its Content-Length, or a form's last boundary is "
        "missing. `bad_part`: a part of a form has no name that can be read."
    ),
    401: "No valid token or session.",
    403: "You see it, but your role or your part in the case doesn't allow this.",
    404: "It doesn't exist, or you may not see it.",
    408: "`too_slow`: the body came slower than 1 kB a second. Nothing was stored.",
    409: "Somebody or something got there first: look again, then decide. `idempotency_key_in_use`: a "
    "request with the same key is being worked on.",
    411: "The form came without Content-Length and not in chunks, so nobody knows where it ends.",
    413: "The body is larger than this address accepts. It was not read.",
    415: "This address doesn't accept bodies of this type.",
    422: "`idempotency_key_reused`: the key was sent before with another request. Nothing was changed.",
    429: "No password is checked now; `Retry-After` says when to try again. `throttled`: there were too many "
    "wrong ones. `being_checked`: several are being checked at this moment; it is a matter of a second.",
    503: "The site is busy, or its disk is almost full, or its database is away. The message says whether "
    "anything was changed; `Retry-After` says when to come back.",
    507: "`disk_full`: the disk became full in the middle. Nothing was stored.",
}


class ExampleSchema(AutoSchema):
    """Writes the example of a field (``explained``) into the OpenAPI document."""

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> dict[str, Any]:
        meta: dict[str, Any] = super()._get_serializer_field_meta(field, direction)
        style = getattr(field, "style", {})
        return {**meta, "example": style["example"]} if "example" in style else meta

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)
        return [
            {**parameter, "description": PATH_PARAMETERS[parameter["name"]]}
            for parameter in parameters
        ]


def explained(text: str, example: object) -> dict[str, Any]:
    """Options of a serializer's field: what it means, with its unit and range, and a value it may have."""
    return {"help_text": text, "style": {"example": example}}


def with_example(text: str, example: str) -> str:
    """What a parameter or a field of a form means, with a value it may have.

    The example is part of the text: the page of the API fills in any other, and sends it.
    """
    return f"{text} Example: `{example}`."


def in_form(text: str, example: str, empty: object = "") -> dict[str, Any]:
    """Options of a field of a form, as ``explained`` of others.

    ``empty``: what the page of the API begins with. Without it, the page fills in "string", the first value
    of a list, or true, so that a person who tries it out would send what they never said.
    """
    return {"help_text": with_example(text, example), "style": {"example": empty}}


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=with_example(
        "A new one for each thing that you want to make: 1 to 255 printable characters, such as a UUID. If "
        "you got no answer, send the same request with the same key again: what it made is returned as it is "
        "now, with the header `Idempotent-Replayed: true`, and nothing is made twice. A key is kept for 7 "
        "days.",
        "8e03978e-40d5-43dd-bc93-6894a57f9324",
    ),
)
PATH_PARAMETERS = {
    "call_back_id": with_example("The call-back's id, a UUID.", A_CALL_BACK),
    "case_id": with_example("The case's id, a UUID.", A_CASE),
    "result_id": with_example("The critical result's id, a UUID.", A_CRITICAL_RESULT),
    "image_id": with_example("The image's id, a UUID.", AN_IMAGE),
    "macro_id": with_example("The macro's id, a UUID.", A_MACRO),
    "membership_id": with_example("The id of the membership, a UUID.", A_MEMBERSHIP),
    "prediction_id": with_example("The prediction's id, a UUID.", A_PREDICTION_ID),
    "review_id": with_example("The review's id, a UUID.", A_REVIEW),
    "slug": with_example("The site's short name.", "north"),
    "token_key": with_example("`key` of the token.", FIRST_LETTERS),
    "view_id": with_example("The view's id, a UUID.", A_VIEW),
}


class FileErrorSerializer(serializers.Serializer):
    position = serializers.IntegerField(
        **explained("Its place among the files of the request, from 1 on.", 2)
    )
    file = serializers.CharField(
        source="file_name", **explained("The file's name, as it was sent.", "letter.png")
    )
    code = serializers.CharField(**explained("Why it was refused, for programs.", "not_an_image"))
    reason = serializers.CharField(
        **explained("Why it was refused, for people.", "letter.png is a text, not a picture.")
    )


class RefusalSerializer(serializers.Serializer):
    """Why a case was refused: what the error of an upload that waited for it would have said."""

    code = serializers.CharField(**explained("Why, for programs.", "intake_refused"))
    message = serializers.CharField(
        **explained("Why, in a sentence for people.", "letter.png is a text, not a picture.")
    )
    fields = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        **explained(
            "Sentences about each field that was refused, by its name; empty where none was.",
            {"body_part": ["This field cannot be blank."]},
        ),
    )
    files = FileErrorSerializer(
        many=True, help_text="Each file that was refused; empty where none was."
    )


class ErrorBodySerializer(RefusalSerializer):
    """Why a request was refused."""

    request_id = serializers.CharField(
        **explained(
            "Give it to an operator, who finds the log lines by it.",
            "6f2b6f3a10c34d1e9a500f6f2b6f3a10",
        )
    )


class ErrorSerializer(serializers.Serializer):
    error = ErrorBodySerializer(help_text="What was refused, and why.")


def described(
    operation: str,
    summary: str,
    *,
    answers: dict[int | tuple[int, str], Any],
    request: Any = None,
    errors: Sequence[int] = (401,),
    codes: Sequence[str] = (),
    once: bool = False,
    parameters: Sequence[OpenApiParameter] = (),
    **more: Any,
) -> Callable[[Any], Any]:
    """Describes a handler in the OpenAPI document, each of its errors in the one shape.

    Args:
        operation: its id, unique in the document.
        answers: status (or status and media type) → what a success holds.
        codes: refusals of its services, as ``refusal_codes.CODES`` tells them.
        errors: the statuses it refuses with; 408 and 411 are added where there is a body.
        once: it takes an Idempotency-Key, since the handler calls ``Resource.once``.
    """
    # 503: any address may meet others at the same rows.
    statuses = {*errors, 503, *(CODES[code][0] for code in codes)}
    if once:
        statuses |= {400, 409, 422}
        parameters = [*parameters, IDEMPOTENCY_KEY]
    if request is not None:
        statuses |= {408, 411}
    refusals = {
        status: OpenApiResponse(ErrorSerializer, MEANINGS[status] + meanings_of(codes, status))
        for status in sorted(statuses)
    }
    return extend_schema(
        operation_id=operation,
        summary=summary,
        request=request,
        responses={**answers, **refusals},
        parameters=list(parameters),
        **more,
    )
