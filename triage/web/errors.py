"""Errors as pages, and below /api/ as JSON in the API's shape."""

import sys

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.log import log_response
from django.utils.translation import gettext as _
from django_guid import get_guid

from accounts.contention import RETRY_AFTER, contention, has_committed, is_away
from triage.http.error_body import error_body
from triage.http.unreadable import UnreadableRequest

_AWAY_FOR = 5  # seconds: a server that was restarted answers by then


def _error(request: HttpRequest, status: int, code: str, title: str, text: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(error_body(code, f"{title} {text}"), status=status)
    context = {"status": status, "title": title, "text": text, "request_id": get_guid() or ""}
    return render(request, "errors/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, UnreadableRequest):
        return unreadable(request, exception)
    return _error(
        request,
        400,
        "bad_request",
        _("This request can't be understood."),
        _("Go back and try again; if a bookmark led here, start from the worklist."),
    )


def unreadable(request: HttpRequest, why: UnreadableRequest) -> HttpResponse:
    title = _("This request can't be read.")
    response = _error(request, why.status, why.code, title, str(why.message))
    if why.retry_after:
        response["Retry-After"] = str(why.retry_after)
    return response


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
        _("Nothing was done with it. Send it with Content-Length, or in chunks."),
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
    """503 for a deadlock, a lock or statement time-out, a serialization failure, or no database at all.

    The log line has the SQLSTATE and no traceback, whose text may quote rows.
    """
    state, code = contention(exception) or "", "busy"
    text = _("Nothing was changed. Try again in a moment.")
    title = _("The site was busy with the same data.")
    if is_away(exception):
        state, code = "away", "database_away"
        title = _("The site's database can't be reached.")
        # It may have gone between a commit and our knowing of it.
        text = _("Try again in a moment. Look first if what you sent is there.")
    if has_committed():
        text = _("A part was saved before that. Look at what is there, then try the rest again.")
    try:
        response = _error(request, 503, code, title, text)
    except Error:  # the page asks who is signed in, and those rows may be the busy ones
        response = HttpResponse(f"{title} {text}", status=503, content_type="text/plain")
    response["Retry-After"] = str(RETRY_AFTER.get(state, _AWAY_FOR))
    if is_away(exception):
        vars(response)["is_undecided"] = True
    message = ("Busy (SQLSTATE %s): %s", state, request.path)
    log_response(*message, response=response, request=request, level="warning")
    return response


def is_undecided(response: HttpResponse) -> bool:
    """Whether the database went away: what the request did may have been committed or not."""
    return bool(vars(response).get("is_undecided"))


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    if error is not None and (
        contention(error) or is_away(error)
    ):  # raised by a middleware, beyond any view
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
