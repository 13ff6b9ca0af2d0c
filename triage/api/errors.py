"""Every error of the API has the same JSON body, whatever raised it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.core.signals import got_request_exception
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.log import log_response
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.response import Response

from accounts.contention import contention, is_away
from accounts.refusals import Refused
from accounts.services.tries import NotChecked
from triage.api.schema import FileErrorSerializer
from triage.http.error_body import error_body
from triage.http.unreadable import UnreadableRequest, disk_full
from triage.intake.errors import IntakeBusy, IntakeRefused
from triage.intake.room import is_full


class RequestTooLarge(exceptions.APIException):
    """The body is larger than this address takes. Said before any of it is read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "request_too_large"
    default_detail = gettext_lazy("The request is larger than this address accepts.")


class _Unreadable(exceptions.APIException):
    def __init__(self, why: UnreadableRequest) -> None:
        super().__init__(why.message, why.code)
        self.status_code = why.status
        self.wait = why.retry_after


def one_shape(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's EXCEPTION_HANDLER: what a service or the framework raised, as one shape.

    What nobody foresaw is a 500 in the same shape, logged and signalled as Django does for pages.
    """
    if isinstance(exception, Refused):
        return _refusal(exception)
    if contention(exception) or is_away(exception):
        return None  # ``config.middleware.AnswerContention`` answers it, here as for pages
    known = exception if isinstance(exception, exceptions.APIException) else _named(exception)
    if known is not None:
        return _framework_error(known)
    return None if settings.DEBUG else _unforeseen(exception, context)


def _refusal(refused: Refused) -> Response:
    fields: dict[str, list[str]] = {}
    files: list[dict[str, Any]] = []
    if isinstance(refused, IntakeRefused):
        fields = refused.fields
        files = list(FileErrorSerializer(refused.files, many=True).data)
    headers = {}
    if isinstance(refused, NotChecked | IntakeBusy):
        headers["Retry-After"] = str(refused.seconds)
    body = error_body(refused.code, refused.message, fields, files)
    return Response(body, status=refused.status, headers=headers)


def _named(exception: Exception) -> exceptions.APIException | None:
    """Translates Django's exceptions for bad requests into REST framework's."""
    match exception:
        case Http404():
            return exceptions.NotFound(_("There is no such thing, or it isn't yours to see."))
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return RequestTooLarge()
        case TooManyFilesSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
            text = _("At most %(most)d files are accepted at once.") % {"most": most}
            return exceptions.ParseError(text, code="too_many_files")
        case UnreadableRequest():
            return _Unreadable(exception)
        case OSError() if is_full(exception):
            return _Unreadable(disk_full())
        case MultiPartParserError() | SuspiciousOperation() | UnreadablePostError():
            return exceptions.ParseError(_("The request is broken off or can't be read."))
    return None


def _framework_error(error: exceptions.APIException) -> Response:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))
    if isinstance(error, exceptions.ValidationError):
        body = _validation_body(error.detail)
    else:
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else error.default_code
        body = error_body(code, " ".join(_sentences(error.detail)))
    return Response(body, status=error.status_code, headers=headers)


def _validation_body(detail: Any) -> dict[str, Any]:
    """Nested details of serializers as field → sentences; what belongs to no field is the message."""
    if not isinstance(detail, Mapping):
        return error_body("invalid", " ".join(_sentences(detail)))
    fields = {str(name): list(_sentences(value)) for name, value in detail.items()}
    general = " ".join(fields.pop("non_field_errors", []))
    return error_body("invalid", general or _("Some fields are not valid."), fields)


def _sentences(detail: Any) -> Iterator[str]:
    """Every text in a detail, however the framework nested it."""
    if isinstance(detail, str):
        yield str(detail)
        return
    for nested in detail.values() if isinstance(detail, Mapping) else detail:
        yield from _sentences(nested)


def _unforeseen(exception: Exception, context: Mapping[str, Any]) -> Response:
    request = getattr(context.get("request"), "_request", None)
    got_request_exception.send(sender=None, request=request)
    text = _("Something went wrong here. Tell an operator the request id.")
    response = Response(
        error_body("server_error", text), status=status.HTTP_500_INTERNAL_SERVER_ERROR
    )
    path = getattr(request, "path", "")
    log_response(
        "%s: %s", "Server error", path, response=response, request=request, exception=exception
    )
    return response
