"""Multipart forms on their way to Django's parser, which forgives what must not be forgiven.

It takes a form without its last boundary, skips a part whose header is not UTF-8, and skips a file
whose name is "." or "..". Here the first is refused and the others get a name that can be read.
"""

from collections.abc import Iterator
from typing import Any, cast

from django.http.multipartparser import MultiPartParser
from django.utils.http import parse_header_parameters

from triage.http.unreadable import bad_part, broken_off

_HEADER_END = b"\r\n\r\n"
_LONGEST_HEADER = 16 * 1024  # bytes; a name of 4,000 letters fits
_LONGEST_TAKEN = 1024  # bytes: Django's parser refuses a form with a longer header
_LONGEST_NAME = 120  # characters, as an image's row keeps them
_UNNAMED = "unnamed"


def whole_form(pieces: Iterator[bytes], boundary: bytes) -> Iterator[bytes]:
    """The form again, every header in UTF-8, and nothing behind its last boundary.

    Boundaries are found as Django finds them, wherever they stand, so that both see the same parts.

    Raises:
        UnreadableRequest: the last boundary is missing, or a part has no name.
    """
    delimiter, ahead = b"--" + boundary, _Ahead(pieces)
    while True:
        while (start := ahead.data.find(delimiter)) < 0:
            yield ahead.read(max(len(ahead.data) - len(delimiter) + 1, 0))
            ahead.more()
        yield ahead.read(start + len(delimiter))
        while len(ahead.data) < 2:
            ahead.more()
        if ahead.data.startswith(b"--"):
            yield b"--\r\n"
            for _rest in pieces:
                continue  # read to its end: it must be as long as announced
            return
        yield ahead.read_header(delimiter)


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

    def read_header(self, delimiter: bytes) -> bytes:
        while (end := self.data.find(_HEADER_END)) < 0:
            if delimiter in self.data or len(self.data) > _LONGEST_HEADER:
                raise bad_part()
            self.more()
        if delimiter in self.data[:end]:
            raise bad_part()
        return readable_header(self.read(end))


def readable_header(header: bytes) -> bytes:
    """The header of a part as Django's parser takes it. Raises UnreadableRequest if it has no name."""
    lines = [_text(line) for line in header.split(b"\r\n")]
    found = next((number for number, line in enumerate(lines) if _is_disposition(line)), None)
    if found is None:
        raise bad_part()
    try:
        parameters = parse_header_parameters(lines[found])[1]
    except ValueError:  # filename*=nonsense''…
        raise bad_part() from None
    if not parameters.get("name", "").strip():
        raise bad_part()
    rewritten = "\r\n".join(lines).encode()
    if file_name := parameters.get("filename"):
        kept = MultiPartParser.sanitize_file_name(cast(Any, None), file_name)
        if not kept or len(rewritten) + len(_HEADER_END) > _LONGEST_TAKEN:
            lines[found] = _disposition(parameters["name"], (kept or _UNNAMED)[-_LONGEST_NAME:])
            rewritten = "\r\n".join(lines).encode()
    return rewritten


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
