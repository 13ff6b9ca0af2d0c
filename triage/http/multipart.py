"""Multipart forms on their way to Django's parser, which forgives what must not be forgiven.

It takes a form without its last boundary. It skips a part whose header is not UTF-8 or whose lines end
without a carriage return, and a file whose name is "." or "..". Of the encodings of a part it knows base64
only. Here the first is refused, and the others become what it reads.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from django.http.multipartparser import MultiPartParser
from django.utils.http import parse_header_parameters

from triage.http.part_encoding import PartDecoder, decoder_of
from triage.http.unreadable import bad_part, broken_off

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_LONGEST_HEADER = 16 * 1024  # bytes; a name of 4,000 letters fits
_LONGEST_TAKEN = 1024  # bytes: Django's parser refuses a form with a longer header
_LONGEST_NAME = 120  # characters, as an image's row keeps them
_UNNAMED = "unnamed"


def whole_form(pieces: Iterator[bytes], boundary: bytes) -> Iterator[bytes]:
    """The form again: every header in UTF-8 and with CRLF, contents decoded, nothing around it.

    Boundaries are found as Django finds them, wherever they stand, so that both see the same parts.

    Raises:
        UnreadableRequest: the last boundary is missing, or a part can't be read.
    """
    delimiter, ahead = b"--" + boundary, _Ahead(pieces)
    for _preamble in ahead.read_to(delimiter):
        continue
    while True:
        yield delimiter
        ahead.read(len(delimiter))
        while len(ahead.data) < 2:
            ahead.more()
        if ahead.data.startswith(b"--"):
            yield b"--\r\n"
            for _rest in pieces:
                continue  # read to its end: it must be as long as announced
            return
        header, decoder = readable_header(ahead.read_header(delimiter))
        yield header + b"\r\n\r\n"
        if decoder is None:
            yield from ahead.read_to(delimiter)
        else:
            yield from decoder.decode(ahead.read_to(delimiter), delimiter)


class _Ahead:
    """Bytes that have arrived and were not passed on yet."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.data = b""

    def more(self) -> None:
        """Raises UnreadableRequest where the body ends: a form never ends before its last boundary."""
        piece = next(self._pieces, b"")
        if not piece:
            raise broken_off()
        self.data += piece

    def read(self, count: int) -> bytes:
        read, self.data = self.data[:count], self.data[count:]
        return read

    def read_to(self, delimiter: bytes) -> Iterator[bytes]:
        """What stands before the next ``delimiter``."""
        while (start := self.data.find(delimiter)) < 0:
            if ready := self.read(max(len(self.data) - len(delimiter) + 1, 0)):
                yield ready
            self.more()
        if start:
            yield self.read(start)

    def read_header(self, delimiter: bytes) -> bytes:
        """The header of a part with the rest of the boundary's line; the empty line behind it is left out."""
        while (found := _HEADER_END.search(self.data)) is None:
            if delimiter in self.data or len(self.data) > _LONGEST_HEADER:
                raise bad_part()
            self.more()
        if delimiter in self.data[: found.start()]:
            raise bad_part()
        header = self.read(found.start())
        self.read(found.end() - found.start())
        return header


def readable_header(header: bytes) -> tuple[bytes, PartDecoder | None]:
    """The header of a part as Django's parser takes it, and what its content has to be decoded with.

    Raises UnreadableRequest if it has no name, or an encoding that nobody knows.
    """
    lines = [_text(line) for line in _LINE_END.split(header)]
    found = next((number for number, line in enumerate(lines) if _is_disposition(line)), None)
    if found is None:
        raise bad_part()
    try:
        parameters = parse_header_parameters(lines[found])[1]
    except ValueError:  # filename*=nonsense''…
        raise bad_part() from None
    if not parameters.get("name", "").strip():
        raise bad_part()
    file_name = parameters.get("filename")
    lines, decoder = decoder_of(lines, is_file=bool(file_name))
    found = next(number for number, line in enumerate(lines) if _is_disposition(line))
    rewritten = "\r\n".join(lines).encode()
    if file_name:
        kept = MultiPartParser.sanitize_file_name(cast(Any, None), file_name)
        if not kept or len(rewritten) + len(b"\r\n\r\n") > _LONGEST_TAKEN:
            lines[found] = _disposition(parameters["name"], (kept or _UNNAMED)[-_LONGEST_NAME:])
            rewritten = "\r\n".join(lines).encode()
    return rewritten, decoder


def _text(line: bytes) -> str:
    """Old gateways send names in Latin-1, mostly in Windows' extension of it."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _is_disposition(line: str) -> bool:
    return line.partition(":")[0].strip().lower() == "content-disposition"


def _disposition(name: str, file_name: str) -> str:
    quoted = [text.replace("\\", r"\\").replace('"', r"\"") for text in (name, file_name)]
    return 'Content-Disposition: form-data; name="{}"; filename="{}"'.format(*quoted)
