"""Descriptors for a decode child: of files that exist in memory only, and of files that it can't write to."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from django.core.files import File

OpenFile: TypeAlias = "BinaryIO | File[Any]"
_OWN = Path("/proc/self/fd")
_CHUNK = 1 << 20


@contextmanager
def memory_file(content: bytes = b"") -> Iterator[int]:
    """A file without a name, which is gone when its last descriptor is closed."""
    descriptor = _unnamed()
    try:
        _write(descriptor, content)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def read_only(file: OpenFile) -> Iterator[int]:
    """The same content, in a descriptor of its own that can't be written to; what has none is copied.

    A child that was taken over could otherwise change the original of its own file, which is evidence.
    """
    try:
        source = os.dup(file.fileno())
    except (AttributeError, OSError):  # bytes in memory
        source = _copied(file)
    try:
        descriptor = _reopened(source)
    finally:
        os.close(source)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _copied(file: OpenFile) -> int:
    descriptor = _unnamed()
    file.seek(0)
    while piece := file.read(_CHUNK):
        _write(descriptor, piece)
    return descriptor


def _reopened(descriptor: int) -> int:
    reads_only = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    if reads_only or not _OWN.is_dir():  # only Linux opens a descriptor anew
        return os.dup(descriptor)
    return os.open(_OWN / str(descriptor), os.O_RDONLY | os.O_CLOEXEC)


def _unnamed() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("callus")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
