"""Reads a request's body completely, or refuses it.

If a connection breaks, a WSGI server passes on what has arrived as if it were everything. Django believes
it, so that a case lost its second picture or half of its accession number.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

from triage.http.multipart import whole_form
from triage.http.unreadable import UnreadableRequest, bad_length, broken_off

_FORM = "multipart/form-data"
_PIECE = 64 * 1024  # bytes of one read, as Django's upload handlers read
_LONGEST_NUMBER = 18  # digits: an exabyte


def announced_length(request: HttpRequest) -> int:
    """Content-Length in bytes; 0 if the header is missing. Raises UnreadableRequest if it isn't a number."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise bad_length()
    return int(text)


def is_unmeasured(request: HttpRequest) -> bool:
    """Whether a body comes without a length, in chunks mostly. Django reads no byte of such a body.

    A request without a length and without chunks has no body, which a form can't be.
    """
    is_form = request.content_type == _FORM and not request.META.get("CONTENT_LENGTH")
    return is_form or bool(request.META.get("HTTP_TRANSFER_ENCODING"))


def insist_on_all(request: HttpRequest) -> None:
    """From now on reading ``request`` fails where a byte or the form's last boundary is missing.

    A small body is read at once, so that no view runs on a part of it. A large one is read by the
    view that needs it: a stranger's upload is refused unread.

    Raises:
        UnreadableRequest: the small body is incomplete, or Content-Length isn't a number.
    """
    length = announced_length(request)
    if not length:
        return
    stream: Any = request._stream  # type: ignore[attr-defined]  # Django has no public name for it
    pieces = _counted(request, stream, length)
    boundary = (request.content_params or {}).get("boundary", "")
    if request.content_type == _FORM and MultiPartParser.boundary_re.fullmatch(boundary):
        pieces = whole_form(pieces, boundary.encode("ascii"))
    request._stream = io.BufferedReader(_Pieces(pieces), _PIECE)  # type: ignore[attr-defined]
    # Half of the limit: a header may grow a little when it is written in UTF-8.
    if length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2:
        request.body  # noqa: B018


def discard(request: HttpRequest, most: int) -> None:
    """Reads up to ``most`` bytes and drops them: a client reads no answer while it is sending."""
    stream = request.META.get("wsgi.input")
    try:
        with _patient_for_a_while(request):
            while most > 0 and stream is not None and (piece := stream.read(_PIECE)):
                most -= len(piece)
    except Exception:
        return


@contextmanager
def _patient_for_a_while(request: HttpRequest) -> Iterator[None]:
    """Reading fails with an OSError when nothing comes for CALLUS_INTAKE["silent_seconds"].

    A telephone that loses its network doesn't close the connection: without this its upload would hold a
    thread of the server until the next restart. gunicorn bounds all but what an application reads.
    """
    line = request.META.get("gunicorn.socket")
    if line is None:
        yield
        return
    before = line.gettimeout()
    line.settimeout(settings.CALLUS_INTAKE["silent_seconds"])
    try:
        yield
    finally:
        line.settimeout(before)  # an answer may take longer: it is timed as a whole, not by silence


def _counted(request: HttpRequest, stream: Any, length: int) -> Iterator[bytes]:
    while length:
        try:
            with _patient_for_a_while(request):
                piece = stream.read(min(length, _PIECE))
        except OSError as lost:
            raise broken_off() from lost
        if not piece:
            raise broken_off()
        length -= len(piece)
        yield piece


class _Pieces(io.RawIOBase):
    """The pieces as a file. Once one has failed, every later read fails the same way."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._ahead = b""
        self._failure: UnreadableRequest | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            while not self._ahead and self._failure is None:
                self._ahead = next(self._pieces)
        except StopIteration:
            return 0
        except UnreadableRequest as failure:
            self._failure = failure
        if self._failure is not None:
            raise self._failure
        count = min(len(buffer), len(self._ahead))
        buffer[:count], self._ahead = self._ahead[:count], self._ahead[count:]
        return count
