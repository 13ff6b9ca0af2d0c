"""What a worker and its decode parent say to each other. Standard library only: the web process imports it.

For each file the worker sends a ``Request`` over a Unix socket, with four descriptors in the order of
``DESCRIPTORS``. The parent forks a child for it and writes an ``Ended`` to the last descriptor when the child
has ended. The parent reads none of the other three: names and keys of one file are never in its memory, from
which it forks the child of the next file.
"""

import struct
from dataclasses import astuple, dataclass
from typing import ClassVar, Self

# The file as it arrived, read-only; the job, a JSON object; where the answer goes; where ``Ended`` goes.
DESCRIPTORS = ("file", "job", "answer", "report")
READY = b"\x01"  # the parent's first and only byte on its socket: everything is imported

_REQUEST = struct.Struct("!dIQQ")
_ENDED = struct.Struct("!i??dQ")


@dataclass(frozen=True)
class Request:
    """What one file may cost: seconds on the clock and of processor time, bytes of memory and of answer.

    ``memory_bytes`` is what it holds, with the libraries that it shares with its parent.
    """

    seconds: float
    cpu_seconds: int
    memory_bytes: int
    answer_bytes: int

    SIZE: ClassVar[int] = _REQUEST.size

    def packed(self) -> bytes:
        return _REQUEST.pack(*astuple(self))

    @classmethod
    def of(cls, data: bytes) -> Self:
        return cls(*_REQUEST.unpack(data))


@dataclass(frozen=True)
class Ended:
    """How a child ended, and what it cost.

    ``status`` is the exit status, or minus the signal that ended it. ``is_late``, ``is_large``: the parent
    ended it because its seconds were over, or because it held too much memory. ``peak_bytes``: the most that
    it held.
    """

    status: int
    is_late: bool
    is_large: bool
    cpu_seconds: float
    peak_bytes: int

    SIZE: ClassVar[int] = _ENDED.size

    def packed(self) -> bytes:
        return _ENDED.pack(*astuple(self))

    @classmethod
    def of(cls, data: bytes) -> Self:
        return cls(*_ENDED.unpack(data))
