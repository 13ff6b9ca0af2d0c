"""Reads a request's body past gunicorn's buffers, as much as one ``recv`` gives.

gunicorn's ``read(size)`` gathers up to a megabyte and copies all that is left of it for each ``size`` bytes
that it hands out: a quarter of what an upload cost. Asking it for more at once is no way out. It waits until
all of that is there, and a slow line has to be noticed after a few kilobytes.

gunicorn documents none of this. A test reads real requests through it, two on one connection, so that it
fails where gunicorn has changed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader

PIECE = 256 * 1024  # bytes: larger ones are no faster, and each upload holds a few of them

Receive = Callable[[int], bytes]


def receiver(source: Any) -> Receive | None:
    """A function that returns the next bytes of a body, b"" at its end; None if no gunicorn serves.

    It takes the number of bytes that are wanted at most, and returns fewer where no more have come. Of a body
    in chunks it returns what one ``recv`` gave, whatever is wanted.

    Args:
        source: the request's ``wsgi.input``.
    """
    if not isinstance(source, Body):
        return None
    return _in_chunks(source) if isinstance(source.reader, ChunkedReader) else _by_length(source)


def _by_length(source: Body) -> Receive:
    reader: LengthReader = source.reader
    unreader: Any = reader.unreader
    if begun := source.buf.getvalue():  # of a small body that was tried and hadn't come yet
        source.buf = type(source.buf)()
        unreader.unread(begun)
        reader.length += len(begun)

    def receive(most: int) -> bytes:
        most = min(most, reader.length, PIECE)
        if most <= 0:
            return b""
        piece: bytes = unreader.read(None, read_ahead=most)
        if len(piece) > most:  # it came with the header, or the next request came with it
            unreader.unread(piece[most:])
            piece = piece[:most]
        reader.length -= len(piece)  # so that gunicorn finds the next request
        return piece

    return receive


def _in_chunks(source: Body) -> Receive:
    def pieces() -> Iterator[bytes]:
        try:
            yield from source.reader.parser
        except BaseException:
            source.failed = True  # gunicorn must not look for another request on this connection
            raise

    found = filter(None, pieces())
    return lambda most: next(found, b"")
