"""One shape for every error: ``{"error": {code, message, fields, files, request_id}}``."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django_guid import get_guid
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from triage.intake.services import FileRefusal, IntakeRefused
from triage.refusals import Conflict, NotPermitted, Refused


def body(
    code: str,
    message: str,
    fields: dict[str, list[str]] | None = None,
    files: list[FileRefusal] | None = None,
) -> dict[str, Any]:
    """The error's JSON."""
    return {
        "error": {
            "code": code,
            "message": message,
            "fields": fields or {},
            "files": [
                {"file": each.file_name, "code": each.code, "reason": each.reason}
                for each in files or []
            ],
            "request_id": get_guid() or "",
        }
    }


def one_shape(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: what services refuse, and what DRF refuses, in the one shape."""
    if isinstance(error, Refused):
        return Response(_refusal(error), status=_status(error))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    fields: dict[str, list[str]] = {}
    message = str(error.default_detail)
    if isinstance(error, exceptions.ValidationError):
        fields = _fields(error.detail)
        message = _("Some fields need another look.")
    elif isinstance(error.detail, str):
        message = error.detail
    response.data = body(_code(error), message, fields)
    return response


def _refusal(error: Refused) -> dict[str, Any]:
    if isinstance(error, IntakeRefused):
        return body(error.code, error.message, error.fields, error.files)
    return body(error.code, error.message)


def _status(error: Refused) -> int:
    if isinstance(error, NotPermitted):
        return status.HTTP_403_FORBIDDEN
    if isinstance(error, Conflict):
        return status.HTTP_409_CONFLICT
    return status.HTTP_400_BAD_REQUEST


def _code(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return "invalid"
    codes = error.get_codes()
    return codes if isinstance(codes, str) else str(error.default_code)


def _fields(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, dict):
        return {"": [str(each) for each in detail]}
    return {
        str(name): [str(each) for each in (texts if isinstance(texts, list) else [texts])]
        for name, texts in detail.items()
    }
