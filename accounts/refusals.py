"""Why a service refuses: a code for programs, a sentence for people, and the HTTP status.

The base class of all refusals. Pages and the API answer with its ``status``.
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


class Unprocessable(Refused):
    """The request contradicts an earlier one that it claims to be."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


def refuse_nul(text: str) -> None:
    """Raises Refused if the text has U+0000, the one character that PostgreSQL can't store."""
    if "\0" in text:
        raise Refused(
            "unstorable_character", _("The text contains a character that can't be stored.")
        )
