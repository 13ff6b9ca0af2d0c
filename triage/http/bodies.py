"""Reads a request's body completely, or refuses it.

If a connection breaks, a WSGI server passes on what has arrived as if it were everything. Django believes
it, so that a case lost its second picture or half of its accession number.
"""

import io
import socket
from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser
from gunicorn.http.errors import ParseException

from triage.http.multipart import whole_form
from triage.http.places import Place
from triage.http.receiving import PIECE, Receive, receiver
from triage.http.slow_lines import TooSlow, comes_at_once, drain, end_reading, within
from triage.http.unreadable import (
    UnreadableRequest,
    bad_length,
    broken_off,
    too_large,
    too_slow,
)

_FORM = "multipart/form-data"
_RATE = 1000  # bytes a second: a modem of 1995 sends three times as much
_MOMENT = 0.1  # seconds: a body follows its header within the time to the sender and back
_LONGEST_DRAIN = 5  # seconds
_LONGEST_NUMBER = 18  # digits: an exabyte


def announced_length(request: HttpRequest) -> int:
    """Content-Length in bytes; 0 if the header is missing. Raises UnreadableRequest if it isn't a number."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise bad_length()
    return int(text)


def is_unmeasured(request: HttpRequest) -> bool:
    """Whether a body comes without anything that says where it ends.

    A request without a length and without chunks has no body, which a form can't be. Chunks are taken from a
    server that says that it reads them to their end, as gunicorn does: it fails where one is cut off.
    """
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        return not request.META.get("wsgi.input_terminated")
    return request.content_type == _FORM and not request.META.get("CONTENT_LENGTH")


class Body:
    """The body of one request, from its header to its answer."""

    def __init__(self, request: HttpRequest, longest: int) -> None:
        """``longest``: how many bytes this address takes from this person, of a body in chunks."""
        self._request = request
        self._longest = longest
        self._in_chunks = bool(request.META.get("HTTP_TRANSFER_ENCODING"))
        self._left = announced_length(request)  # bytes that nobody has read yet
        self._place = Place()

    def insist_on_all(self) -> None:
        """From now on reading the request fails where a byte or the form's last boundary is missing.

        A small body is read at once, so that no view runs on a part of it. A large one is read by the
        view that needs it: a stranger's upload is refused unread.

        Raises:
            UnreadableRequest: the small body is incomplete or too slow, or too many are being read.
        """
        if self._in_chunks:
            self._hand_on(*self._chunked())
        elif self._left:
            stream: Any = self._request._stream  # type: ignore[attr-defined]  # Django has no public name
            is_small = self._left <= _small()
            body = self._without_a_place(stream) if is_small else None
            self._hand_on(self._counted(stream) if body is None else self._whole(body), is_small)

    def _hand_on(self, pieces: Iterator[bytes], is_small: bool) -> None:
        request = self._request
        boundary = (request.content_params or {}).get("boundary", "")
        if request.content_type == _FORM and MultiPartParser.boundary_re.fullmatch(boundary):
            pieces = whole_form(pieces, boundary.encode("ascii"))
            # Django's parser knows it in small letters only.
            kind = request.META["CONTENT_TYPE"]
            request.META["CONTENT_TYPE"] = _FORM + kind[len(_FORM) :]
        request._stream = io.BufferedReader(_Pieces(pieces), PIECE)  # type: ignore[attr-defined]
        if is_small:
            request.body  # noqa: B018

    def _chunked(self) -> tuple[Iterator[bytes], bool]:
        """The body in pieces, and whether it is small. Sets the length that Django asks for.

        Always with a place, since a body in chunks can't be tried: gunicorn gives up reading one that isn't
        there, and would call it ended.
        """
        pieces = self._from_chunks()
        takes_files = self._longest > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        begun, size, at_once = [], 0, _small() if takes_files else self._longest
        for piece in pieces:
            begun.append(piece)
            size += len(piece)
            if size > at_once:
                break
        else:
            self._request.META["CONTENT_LENGTH"] = str(size)
            return iter(begun), True
        # The most that it may be; it ends where it ends.
        self._request.META["CONTENT_LENGTH"] = str(self._longest)
        return chain(begun, pieces), False

    def _from_chunks(self) -> Iterator[bytes]:
        self._left = 1  # unknown: until its end there is more
        came = 0
        receive = self._receiver(self._request.META["wsgi.input"])
        while piece := self._read(receive, self._longest):
            came += len(piece)
            if came > self._longest:
                raise too_large()
            yield piece
        self._left = 0
        self._place.leave()

    def _without_a_place(self, stream: Any) -> bytes | None:
        """The small body if it is there, as most are; if all places are taken, a moment later too."""
        line = line_of(self._request)
        body = comes_at_once(line, stream, self._left)
        if body is None and not self._place.take_if_free():
            body = comes_at_once(line, stream, self._left, _MOMENT)
        return body

    def answer(self, response: HttpResponse) -> HttpResponse:
        """The response, whatever became of the body. Call it once, in the end."""
        self._place.leave()
        if self._left:
            hang_up(self._request, response)
        return response

    def _whole(self, body: bytes) -> Iterator[bytes]:
        self._left -= len(body)
        yield body
        if self._left:
            raise broken_off()
        self._has_ended()

    def _counted(self, stream: Any) -> Iterator[bytes]:
        receive = self._receiver(stream)
        while self._left:
            piece = self._read(receive, self._left)
            if not piece:
                raise broken_off()
            self._left -= len(piece)
            yield piece
        self._has_ended()

    def _has_ended(self) -> None:
        self._place.leave()
        # gunicorn takes a body that had to be waited for as broken, and would close the connection.
        if getattr(source := self._request.META["wsgi.input"], "failed", False):
            source.failed = False

    def _receiver(self, stream: Any) -> Receive:
        found = receiver(self._request.META["wsgi.input"])
        return found or (lambda most: stream.read(min(most, PIECE)))

    def _read(self, receive: Receive, most: int) -> bytes:
        """The next piece. A line that takes too long for one is slower than _RATE."""
        self._place.take()
        seconds = settings.CALLUS_INTAKE["silent_seconds"]
        least, pieces, came = min(most, _RATE * seconds), [], 0
        try:
            with within(line_of(self._request), seconds):
                while came < least and (piece := receive(most - came)):
                    pieces.append(piece)
                    came += len(piece)
        except TooSlow as late:
            raise too_slow() from late
        except (OSError, ParseException) as lost:
            raise broken_off() from lost
        return b"".join(pieces)


def _small() -> int:
    """Bytes. Half of Django's limit: a header may grow a little when it is written in UTF-8."""
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2


def hang_up(request: HttpRequest, response: HttpResponse) -> None:
    """Closes the connection of a request whose body nobody read.

    First its sender gets a moment, as long as it sends fast: a client reads no answer while it is sending.
    gunicorn would wait for the rest itself, five seconds in a thread and two in the loop that accepts all.
    """
    line = line_of(request)
    if line is None:
        return
    drain(line, _MOMENT, _LONGEST_DRAIN)
    end_reading(line)
    response["Connection"] = "close"


def discard(request: HttpRequest, most: int) -> None:
    """Reads up to ``most`` bytes and drops them: a client reads no answer while it is sending."""
    stream = request.META.get("wsgi.input")
    try:
        with within(line_of(request), settings.CALLUS_INTAKE["silent_seconds"]):
            while most > 0 and stream is not None and (piece := stream.read(PIECE)):
                most -= len(piece)
    except Exception:
        return


def line_of(request: HttpRequest) -> socket.socket | None:
    """The request's connection; None where no gunicorn serves."""
    return request.META.get("gunicorn.socket")


class _Pieces(io.RawIOBase):
    """The pieces as a file. Once one has failed, every later read fails the same way."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        # Not bytes: each cut would copy the rest of the piece.
        self._ahead = memoryview(b"")
        self._failure: UnreadableRequest | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            while not self._ahead and self._failure is None:
                self._ahead = memoryview(next(self._pieces))
        except StopIteration:
            return 0
        except UnreadableRequest as failure:
            self._failure = failure
        if self._failure is not None:
            raise self._failure
        count = min(len(buffer), len(self._ahead))
        buffer[:count], self._ahead = self._ahead[:count], self._ahead[count:]
        return count
