"""Middleware of the whole site."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Handler = Callable[[HttpRequest], HttpResponse]
ZONES = zoneinfo.available_timezones()


def private_by_default(get_response: Handler) -> Handler:
    """Keeps answers out of shared caches unless a view said otherwise: most of them are about people."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def local_time(get_response: Handler) -> Handler:
    """Shows times in the reader's own zone, which the page tells by the cookie ``tz``."""

    def middleware(request: HttpRequest) -> HttpResponse:
        name = unquote(request.COOKIES.get("tz", ""))
        with timezone.override(name if name in ZONES else None):
            return get_response(request)

    return middleware
