"""Contents of a form's parts in the encodings that old clients send: quoted-printable, and other letters.

RFC 7578 has given up Content-Transfer-Encoding, and mail libraries still write it.
"""

import binascii
import codecs
import re
from collections.abc import Iterable, Iterator

from django.utils.http import parse_header_parameters

from triage.http.unreadable import bad_encoding

_AS_IT_IS = ("", "7bit", "8bit", "binary")
# Python's names of character sets. Not UTF-16, in which a boundary's line end is no CRLF, and not "rot13".
_LETTERS = re.compile(r"iso8859|cp\d|koi8|mac-|shift_jis|euc_|gb|big5")
_LONGEST_LINE = 16 * 1024  # bytes; quoted-printable has lines of 76


class PartDecoder:
    """Makes the bytes of one part: of a file as they were, of a field in UTF-8."""

    def __init__(self, quoted: bool, letters: str) -> None:
        self._quoted = quoted
        self._letters = codecs.getincrementaldecoder(letters)("replace") if letters else None

    def decode(self, pieces: Iterable[bytes], delimiter: bytes) -> Iterator[bytes]:
        """Raises UnreadableRequest where the content becomes a boundary: nobody could tell it from one."""
        behind = b""
        for piece in self._in_utf_8(self._unquoted(pieces) if self._quoted else pieces):
            if delimiter in behind + piece:
                raise bad_encoding()
            behind = (behind + piece)[-len(delimiter) + 1 :]
            yield piece

    def _unquoted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        rest = b""
        for piece in pieces:
            lines, _, rest = (rest + piece).rpartition(b"\n")
            if len(rest) > _LONGEST_LINE:
                raise bad_encoding()
            if lines:
                yield binascii.a2b_qp(lines + b"\n")
        yield binascii.a2b_qp(rest)

    def _in_utf_8(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        if self._letters is None:
            yield from pieces
            return
        for piece in pieces:
            yield self._letters.decode(piece).encode()
        yield self._letters.decode(b"", final=True).encode()


def decoder_of(lines: list[str], is_file: bool) -> tuple[list[str], PartDecoder | None]:
    """The lines of a part's header without what is decoded here, and its decoder; None if it needs none.

    Raises UnreadableRequest for an encoding that nobody knows.
    """
    kept, quoted, letters = [], False, ""
    for line in lines:
        name, _, value = (text.strip() for text in line.partition(":"))
        encoding = value.lower()
        if name.lower() == "content-transfer-encoding":
            if encoding == "base64":
                kept.append(f"{name}: base64")  # Django decodes it, if it is in small letters
            elif encoding == "quoted-printable":
                quoted = True
            elif encoding not in _AS_IT_IS:
                raise bad_encoding()
            continue
        if name.lower() == "content-type" and not is_file:
            letters = _letters_of(value)
        kept.append(line)
    decoder = PartDecoder(quoted, letters) if quoted or letters else None
    return kept, decoder


def _letters_of(content_type: str) -> str:
    """Python's name of the character set of a field; "" for UTF-8, and where none is named."""
    try:
        charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        raise bad_encoding() from None
    if name in ("utf-8", "ascii"):
        return ""
    if not _LETTERS.match(name):
        raise bad_encoding()
    return name
