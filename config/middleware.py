"""Middleware of the whole site."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.contention import contention, forget_commits
from triage.http import bodies
from triage.intake.arrived import ArrivingFiles
from triage.intake.named_files import named_originals
from triage.web.errors import busy, length_required

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


class AnswerContention:
    """Answers with a sentence where PostgreSQL gave a request up because others held the same rows."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forget_commits()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return busy(request, exception) if contention(exception) else None


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
    limits = settings.CALLUS_INTAKE
    form = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    upload = limits["max_images"] * limits["max_bytes"] + form

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return get_response(request)
        uploads = request.path == reverse("upload") and request.user.is_authenticated
        if bodies.announced_length(request) > (upload if uploads else form):
            response = HttpResponse(_("This request is too large."), status=413)
            response["Connection"] = "close"
            return response
        return get_response(request)

    return middleware


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
        # After a failure of ours nobody knows what was committed: the files stay for the sweep of orphans.
        if response.status_code < 500:
            arriving.end(named_originals)
        return response

    return middleware


def _sends_cases(request: HttpRequest) -> bool:
    path = request.path.rstrip("/")
    return path in (reverse("upload").rstrip("/"), reverse("api_cases"))


def whole_requests(get_response: Handler) -> Handler:
    """Answers 400 to a request whose body was broken off, on every URL that accepts a body.

    Answers 411 to a body without a length: Django would read it as an empty one.
    """
    most = settings.CALLUS_INTAKE["max_bytes"]

    def middleware(request: HttpRequest) -> HttpResponse:
        if bodies.is_unmeasured(request) and request.method not in SAFE_METHODS:
            bodies.discard(request, most)
            return length_required(request)
        bodies.insist_on_all(request)
        return get_response(request)

    return middleware
