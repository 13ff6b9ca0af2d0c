"""The one shape of an error in JSON, for the API and for what fails below /api/ before the API runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django_guid import get_guid


def error_body(
    code: str,
    message: object,
    fields: Mapping[str, list[str]] | None = None,
    files: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """``code`` is for programs, ``message`` for people. ``request_id`` is what an operator finds the log
    lines by.
    """
    return {
        "error": {
            "code": code,
            "message": str(message),
            "fields": dict(fields or {}),
            "files": list(files),
            "request_id": get_guid() or "",
        }
    }
