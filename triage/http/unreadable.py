"""Why a request can't be read. Django answers 400 to each, as a page or in the API's shape."""

from django.core.exceptions import BadRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class UnreadableRequest(BadRequest):
    """The request is not whole, or a part of it would be lost. Nothing was done.

    Not an OSError: Django's CSRF check swallows those and answers 403, as if the page were old.
    """

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)  # what the log says: a code, nothing of the request
        self.code = code
        self.message = message


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
