"""Each file of a request is streamed to the storage while it is hashed. None is ever whole in memory."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import sites_where
from accounts.identifiers import new_id
from accounts.roles import SENDS_CASES


class ArrivedUpload(UploadedFile):
    """A file of a request that lies in the storage, durably, and that no row names yet.

    Attributes:
        sha256: of the bytes, in hexadecimal.
        stored: its name in the storage, in a folder of its own, where it stays. "" if it was not kept: it was
            larger than CALLUS_INTAKE["max_bytes"], or its sender may not send. Then only its size is known.
    """

    size: int

    def __init__(self, name: str, size: int, sha256: str, stored: str) -> None:
        super().__init__(None, name, size=size)
        self.sha256 = sha256
        self.stored = stored

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


class _Arriving:
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
    arriving = _Arriving(name)
    try:
        for chunk in chunks:
            arriving.write(chunk)
        return arriving.complete()
    except BaseException:
        arriving.abandon()
        raise


class ArrivingFiles(FileUploadHandler):
    """Django's upload handler of the requests that send cases.

    It stores nothing from somebody who may not send cases anywhere: the view refuses them.
    """

    request: HttpRequest

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._may_send: bool | None = None
        self._arriving: _Arriving | None = None
        self._arrived: list[ArrivedUpload] = []

    def new_file(self, *arguments: Any, **keywords: Any) -> None:
        super().new_file(*arguments, **keywords)
        if self._may_send is None:
            user = self.request.user  # REST framework puts the owner of a token there
            self._may_send = user.is_authenticated and bool(sites_where(user, SENDS_CASES))
        self._arriving = _Arriving(self.file_name or "", keep=self._may_send)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._arriving is not None:
            self._arriving.write(raw_data)

    def file_complete(self, file_size: int) -> ArrivedUpload | None:
        if self._arriving is None:
            return None
        arrived = self._arriving.complete()
        self._arriving = None
        self._arrived.append(arrived)
        return arrived

    def end(self, named: Callable[[set[str]], set[str]]) -> None:
        """Removes what came and was not taken. Call it once the answer is decided.

        Args:
            named: which of these storage names a row has. Asked of the database and not remembered, so that
                no path through a view can forget a file, or lose one of a case that was stored.
        """
        if self._arriving is not None:
            self._arriving.abandon()
        stored = {arrived.stored for arrived in self._arrived if arrived.stored}
        kept = named(stored) if stored else set()
        for arrived in self._arrived:
            if arrived.stored not in kept:
                arrived.discard()
