"""Says in the OpenAPI schema what every operation can answer."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema

from triage.api.serializers import ErrorSerializer

ERRORS = {
    400: "Refused as it stands.",
    401: "Not signed in.",
    403: "Seen, but not permitted.",
    404: "There is no such thing for you.",
    409: "Somebody or something got there first.",
}


def documented(
    summary: str, *, gives: Any = None, takes: Any = None, status: int = 200, **more: Any
) -> Callable[[Any], Any]:
    """``extend_schema`` with the one error shape for whatever can go wrong."""
    responses = {status: gives, **dict.fromkeys(ERRORS, ErrorSerializer)}
    return extend_schema(summary=summary, request=takes, responses=responses, **more)
