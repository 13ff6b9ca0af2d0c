"""Each file of a request is streamed to the storage while it is hashed. None is ever whole in memory."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from accounts.identifiers import new_id


class ArrivedUpload(UploadedFile):
    """A file of a request that lies in the storage, durably, and that no row names yet.

    Attributes:
        sha256: of the bytes, in hexadecimal.
        stored: its name in the storage, in a folder of its own, where it stays. "" if it was not kept: it was
            larger than CALLUS_INTAKE["max_bytes"], or its sender may not send. Then only its size is known.
        is_named: a row that is committed names it. False if nobody noted it.
    """

    size: int

    def __init__(self, name: str, size: int, sha256: str, stored: str) -> None:
        super().__init__(None, name, size=size)
        self.sha256 = sha256
        self.stored = stored
        self.is_named = False

    def open(self, mode: str | None = None, *arguments: Any, **keywords: Any) -> "ArrivedUpload":
        self.file = default_storage.open(self.stored, mode or "rb")
        return self

    def close(self) -> None:
        if self.file is not None:
            self.file.close()

    def discard(self) -> None:
        """Removes it from the storage. The caller knows that no row names it."""
        if self.stored:
            default_storage.delete(self.stored)


class ArrivingFile:
    """A file while its bytes come. With ``keep`` false they are only counted."""

    def __init__(self, name: str, keep: bool = True) -> None:
        self.name = name
        # By day, so that no folder grows without end.
        self.stored = f"arrived/{timezone.now():%Y/%m/%d}/{new_id()}/original"
        self._hash = hashlib.sha256()
        self._size = 0
        self._file: File | None = default_storage.open(self.stored, "wb") if keep else None

    def write(self, chunk: bytes) -> None:
        """Counts on where the file is too large, and keeps nothing: the refusal names its size."""
        self._size += len(chunk)
        if self._file is None:
            return
        if self._size > settings.CALLUS_INTAKE["max_bytes"]:
            self.abandon()
            return
        self._hash.update(chunk)
        self._file.write(chunk)

    def complete(self) -> ArrivedUpload:
        """The file, durable now."""
        if self._file is None:
            return ArrivedUpload(self.name, self._size, "", "")
        self._file.close()
        return ArrivedUpload(self.name, self._size, self._hash.hexdigest(), self.stored)

    def abandon(self) -> None:
        """Removes what has come."""
        file, self._file = self._file, None
        if file is None:
            return
        with suppress(OSError):  # the full disk that stopped it
            file.close()
        default_storage.delete(self.stored)


def arrive(name: str, chunks: Iterable[bytes]) -> ArrivedUpload:
    """Stores a file that no request brought, as one that came by a request."""
    arriving = ArrivingFile(name)
    try:
        for chunk in chunks:
            arriving.write(chunk)
        return arriving.complete()
    except BaseException:
        arriving.abandon()
        raise
