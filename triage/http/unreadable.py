"""Why a request can't be read. Each is answered with its status, as a page or in the API's shape."""

from http import HTTPStatus

from django.core.exceptions import BadRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class UnreadableRequest(BadRequest):
    """The request is not whole, or a part of it would be lost. Nothing was done.

    Not an OSError: Django's CSRF check swallows those and answers 403, as if the page were old.
    """

    def __init__(
        self,
        code: str,
        message: str | Promise,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)  # what the log says: a code, nothing of the request
        self.code = code
        self.message = message
        self.status = status
        self.retry_after = retry_after  # seconds


def broken_off() -> UnreadableRequest:
    """The body is shorter than announced, or its last boundary is missing."""
    text = _(
        "The request was broken off before all of it came, so nothing was stored. Send it again."
    )
    return UnreadableRequest("broken_off", text)


def bad_length() -> UnreadableRequest:
    return UnreadableRequest("bad_length", _("Content-Length must be a whole number of bytes."))


def bad_part() -> UnreadableRequest:
    """A part of a form that Django's parser would silently skip."""
    text = _("A part of the form has no name that can be read, so nothing was stored.")
    return UnreadableRequest("bad_part", text)


def bad_encoding() -> UnreadableRequest:
    """A part of a form that nobody here can decode."""
    text = _("A part of the form is in an encoding that can't be read here, so nothing was stored.")
    return UnreadableRequest("bad_part", text)


def too_large() -> UnreadableRequest:
    """A body without a length that is longer than its address takes."""
    text = _("The request is larger than this address accepts, so nothing was stored.")
    return UnreadableRequest("request_too_large", text, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def too_slow() -> UnreadableRequest:
    """The body came slower than bodies must."""
    text = _(
        "The request came too slowly and was given up, so nothing was stored. Send it again, over a better "
        "line."
    )
    return UnreadableRequest("too_slow", text, HTTPStatus.REQUEST_TIMEOUT)


def no_place() -> UnreadableRequest:
    """Too many bodies are being read already."""
    text = _(
        "Too many requests are arriving at once. Nothing was done with this one; send it again."
    )
    return UnreadableRequest("too_many_bodies", text, HTTPStatus.SERVICE_UNAVAILABLE, retry_after=3)


def disk_almost_full() -> UnreadableRequest:
    """The storage has less room than it keeps free. Said before the body is read."""
    text = _(
        "The disk of this site is almost full, so no pictures are taken. An operator must make room."
    )
    return UnreadableRequest("disk_full", text, HTTPStatus.SERVICE_UNAVAILABLE, retry_after=60)


def disk_full() -> UnreadableRequest:
    """The disk became full while the body was written."""
    text = _("The disk of this site is full, so nothing was stored. An operator must make room.")
    return UnreadableRequest("disk_full", text, HTTPStatus.INSUFFICIENT_STORAGE, retry_after=60)
