"""Middleware of the whole site."""

import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import unquote

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.contention import contention, forget_commits, is_away
from triage.http import bodies
from triage.http.arriving_files import ArrivingFiles
from triage.http.unreadable import UnreadableRequest, disk_full
from triage.intake.room import is_full
from triage.web.errors import busy, is_undecided, length_required, unreadable

Handler = Callable[[HttpRequest], HttpResponse]
ZONES = zoneinfo.available_timezones()
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")  # they act on no body


class CompressText(GZipMiddleware):
    """Compresses pages and JSON, and leaves alone what is compressed already: pictures and DICOM.

    BREACH guesses a secret of a page by the length of the compressed page, if the page also repeats what
    the attacker sends. The attacker would have to make the reader's browser ask thousands of times from
    another site, and such requests carry no session (SameSite=Lax). Besides, Django adds up to 100 random
    bytes to each answer, and the CSRF token, which is on each page, is masked anew each time.
    """

    TYPES = ("text/", "application/json", "application/vnd.oai.openapi", "image/svg+xml")

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith(self.TYPES):
            return response
        return super().process_response(request, response)


def private_by_default(get_response: Handler) -> Handler:
    """Keeps answers out of shared caches unless a view said otherwise: most of them are about people."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def csrf_cookie_once(get_response: Handler) -> Handler:
    """Sends the cookie of the CSRF token only where it is a new one: Django sends it with each page.

    Signing in makes a new token, by which pages of other tabs know of it. What such a page had asked for
    before would bring the old one back: that page would take who has signed in for its own person, and
    send what that person wrote as somebody else's; and the forms of the new page would be refused.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        name = settings.CSRF_COOKIE_NAME
        if name in response.cookies and response.cookies[name].value == request.COOKIES.get(name):
            del response.cookies[name]
        return response

    return middleware


class AnswerContention:
    """Answers with a sentence where PostgreSQL gave a request up, can't be reached, or the disk is full."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forget_commits()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_full(exception):
            return unreadable(request, disk_full())
        return busy(request, exception) if contention(exception) or is_away(exception) else None


def local_time(get_response: Handler) -> Handler:
    """Shows times in the reader's own zone, which the page's script puts into the cookie ``tz``."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name = unquote(request.COOKIES.get("tz", ""))
        with timezone.override(name if name in ZONES else None):
            return get_response(request)

    return middleware


def refuse_giant_requests(get_response: Handler) -> Handler:
    """Refuses a body that can't be meant before any of it is read or spooled to disk.

    Only somebody who is signed in uploads pictures to a page; the API's resources look for themselves,
    as early.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return get_response(request)
        if bodies.announced_length(request) > _longest_body(request):
            response = HttpResponse(_("This request is too large."), status=413)
            response["Connection"] = "close"
            bodies.hang_up(request, response)
            return response
        return get_response(request)

    return middleware


def _longest_body(request: HttpRequest) -> int:
    """Bytes that the address takes from this person."""
    limits = settings.CALLUS_INTAKE
    form: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    is_stranger = request.path == reverse("upload") and not request.user.is_authenticated
    if _sends_cases(request) and not is_stranger:
        form += limits["max_images"] * limits["max_bytes"]
    return form


def arriving_files(get_response: Handler) -> Handler:
    """Streams the files of a request that sends cases to the storage, and removes those that were refused.

    By address, since Django's CSRF check parses a form before any view runs.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not _sends_cases(request):
            return get_response(request)
        arriving = ArrivingFiles(request)
        request.upload_handlers = [arriving]
        response = get_response(request)
        arriving.abandon()
        # After a failure of ours, or with the database away, nobody knows what was committed: the files stay
        # for the sweep of orphans. A busy site or a full disk says no, and needs the room.
        if response.status_code != HTTPStatus.INTERNAL_SERVER_ERROR and not is_undecided(response):
            with suppress(Error):
                arriving.discard_unnamed()
        return response

    return middleware


def _sends_cases(request: HttpRequest) -> bool:
    path = request.path.rstrip("/")
    return path in (reverse("upload").rstrip("/"), reverse("api_cases"))


def whole_requests(get_response: Handler) -> Handler:
    """Answers 400 to a request whose body was broken off, on every URL that accepts a body.

    Answers 408 to one that comes too slowly, and 503 if too many are being read.

    Answers 411 to a body without a length and not in chunks: Django would read it as an empty one.
    """
    most = settings.CALLUS_INTAKE["max_bytes"]

    def middleware(request: HttpRequest) -> HttpResponse:
        if bodies.is_unmeasured(request) and request.method not in SAFE_METHODS:
            bodies.discard(request, most)
            return length_required(request)
        body = bodies.Body(request, _longest_body(request))
        try:
            body.insist_on_all()
        except UnreadableRequest as why:
            return body.answer(unreadable(request, why))
        return body.answer(get_response(request))

    return middleware
