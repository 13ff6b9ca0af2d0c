"""What a service says when it won't: a code for programs, a sentence for people, and the HTTP status.

The one family of refusals. Pages and the API answer each with its ``status``; none decides it again.
"""

from http import HTTPStatus
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _


class Refused(Exception):
    """The request can't be done as it stands. Nothing was changed."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.message = str(message)

    def __str__(self) -> str:
        return self.message


class NotPermitted(Refused):
    """The person sees the thing, but may not do this to it."""

    status = HTTPStatus.FORBIDDEN


class Conflict(Refused):
    """Somebody or something got there first: look again, then decide."""

    status = HTTPStatus.CONFLICT


def refuse_nul(text: str) -> None:
    """Raises Refused for the one character that PostgreSQL keeps in no text."""
    if "\0" in text:
        raise Refused("unstorable_character", _("The text holds a character that can't be stored."))
