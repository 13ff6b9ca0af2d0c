"""The zlib streams of our own files: by ISA-L where it is there, three times as fast as zlib.

Both write and read the same format, so a file that one wrote is read by the other.
"""

import zlib
from types import ModuleType

try:
    from isal import isal_zlib
except ImportError:  # it has no wheel for every platform
    _codec: ModuleType = zlib
    _errors: tuple[type[Exception], ...] = (zlib.error,)
else:
    _codec = isal_zlib
    _errors = (zlib.error, isal_zlib.IsalError)  # type: ignore[assignment]

# ISA-L's and zlib's fastest. After the filter, higher levels save less than one per cent.
_LEVEL = 1
_CHUNK = (
    64 * 1024
)  # of the compressed stream: what a decoder copies when it is asked for less than that holds


class DamagedStream(Exception):
    """The stream isn't one, or holds something else than was asked for."""


class CutOffStream(DamagedStream):
    """The stream ends before its end."""


class Writer:
    """``write`` pieces, then ``end``; each gives bytes of the stream."""

    def __init__(self) -> None:
        self._stream = _codec.compressobj(_LEVEL)

    def write(self, piece: bytes | memoryview) -> bytes:
        found: bytes = self._stream.compress(piece)
        return found

    def end(self) -> bytes:
        found: bytes = self._stream.flush()
        return found


class Reader:
    """Gives as many bytes as are asked for, and holds no more: a stream can unpack to 1,000 times as much."""

    def __init__(self, stream: memoryview) -> None:
        self._rest = stream
        self._pending: bytes | memoryview = b""
        self._stream = _codec.decompressobj()

    def read(self, count: int) -> bytearray:
        """Exactly ``count`` bytes. Raises DamagedStream or CutOffStream."""
        found = bytearray()
        while len(found) < count:
            if self._stream.eof:
                raise DamagedStream
            found += self._next(count - len(found))
        return found

    def end(self) -> None:
        """Checks the checksum, and that nothing follows. Raises DamagedStream or CutOffStream."""
        while not self._stream.eof:
            if self._next(1):
                raise DamagedStream
        if self._stream.unused_data or self._rest:
            raise DamagedStream

    def _next(self, most: int) -> bytes:
        if not self._pending:
            self._pending, self._rest = self._rest[:_CHUNK], self._rest[_CHUNK:]
        try:
            # Also where nothing is left to give: a decoder that took all may still hold what it unpacked.
            found: bytes = self._stream.decompress(self._pending, most)
        except _errors as error:
            raise DamagedStream from error
        if not (found or self._pending or self._stream.eof):
            raise CutOffStream
        self._pending = self._stream.unconsumed_tail
        return found
