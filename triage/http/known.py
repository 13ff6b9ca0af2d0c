"""Answers that a browser or a client may have already: a tag, 304, and who may keep a copy."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

# The browser keeps it, but asks before it shows it again whether this person may see it: on a ward, people
# share a computer without signing out.
ASK_AGAIN = "private, no-cache"
NEVER_KEPT = "private, no-store"  # an original may hold a patient's name


def unless_known(
    request: HttpRequest,
    etag: str,
    answer: Callable[[], HttpResponseBase],
    cache_control: str = ASK_AGAIN,
) -> HttpResponseBase:
    """304 where the client has the version ``etag`` (quoted, as the header has it), else ``answer()``."""
    # Django compares weakly: a proxy that compresses the answer turns its tag into a weak one.
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = answer()
    response["ETag"] = etag
    response["Cache-Control"] = cache_control
    return response
