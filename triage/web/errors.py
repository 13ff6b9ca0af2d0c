"""Errors as pages, and below /api/ as JSON in the API's shape."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.log import log_response
from django.utils.translation import gettext as _
from django_guid import get_guid

from accounts.contention import RETRY_AFTER, contention, has_committed
from triage.http.error_body import error_body
from triage.http.unreadable import UnreadableRequest


def _error(request: HttpRequest, status: int, code: str, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body(code, f"{title} {text}"), status=status)
    context = {"status": status, "title": title, "text": text, "request_id": get_guid() or ""}
    return render(request, "errors/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, UnreadableRequest):
        title = _("This request can't be read.")
        return _error(request, 400, exception.code, title, str(exception.message))
    return _error(
        request,
        400,
        "bad_request",
        _("This request can't be understood."),
        _("Go back and try again; if a bookmark led here, start from the worklist."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(
        request,
        403,
        "permission_denied",
        _("You may not do this."),
        _("Ask an admin of your site if you need to."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(
        request,
        404,
        "not_found",
        _("There is nothing here for you."),
        _("The address is wrong, or the case belongs to a site that you don't belong to."),
    )


def length_required(request: HttpRequest) -> HttpResponse:
    return _error(
        request,
        411,
        "length_required",
        _("The request doesn't say how long it is."),
        _("Nothing was done with it. Send it with Content-Length, not in chunks."),
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(
        request,
        403,
        "csrf_failed",
        _("This page was too old, so nothing was done."),
        _("Go back, reload the page and try again. Cookies must be allowed for this site."),
    )


def busy(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """503 for a deadlock, a lock or statement time-out or a serialization failure.

    The log line has the SQLSTATE and no traceback, whose text may quote rows.
    """
    state = contention(exception) or ""
    text = _("Nothing was changed. Try again in a moment.")
    if has_committed():
        text = _("A part was saved before that. Look at what is there, then try the rest again.")
    title = _("The site was busy with the same data.")
    try:
        response = _error(request, 503, "busy", title, text)
    except OperationalError:  # the page asks who is signed in, and those rows may be the busy ones
        response = HttpResponse(f"{title} {text}", status=503, content_type="text/plain")
    response["Retry-After"] = str(RETRY_AFTER[state])
    message = ("Busy (SQLSTATE %s): %s", state, request.path)
    log_response(*message, response=response, request=request, level="warning")
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    if error is not None and contention(error):  # raised by a middleware, beyond any view
        return busy(request, error)
    return _error(
        request,
        500,
        "server_error",
        _("Something went wrong on our side."),
        _(
            "What was saved before is safe. Try again; if it stays, give the number below to support."
        ),
    )
