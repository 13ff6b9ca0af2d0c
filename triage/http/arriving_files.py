"""The upload handler of the requests that send cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from accounts.access import sites_where
from accounts.roles import SENDS_CASES
from triage.http.receiving import PIECE
from triage.http.unreadable import disk_almost_full, disk_full
from triage.intake.arrived import ArrivedUpload, ArrivingFile
from triage.intake.named_files import named_originals
from triage.intake.room import has_room, is_full


class ArrivingFiles(FileUploadHandler):
    """Django's upload handler of the requests that send cases.

    It stores nothing from somebody who may not send cases anywhere: the view refuses them.
    """

    request: HttpRequest
    chunk_size = PIECE  # of one write; Django's 64 kB would cut each piece into four

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._may_send: bool | None = None
        self._arriving: ArrivingFile | None = None
        self._arrived: list[ArrivedUpload] = []

    def handle_raw_input(
        self, input_data: Any, meta: dict[str, Any], content_length: int, *arguments: Any
    ) -> None:
        """Raises UnreadableRequest where the disk has no room for what is announced."""
        in_chunks = bool(
            meta.get("HTTP_TRANSFER_ENCODING")
        )  # what is announced is the most that it may be
        if not has_room(0 if in_chunks else content_length):
            raise disk_almost_full()

    def new_file(self, *arguments: Any, **keywords: Any) -> None:
        super().new_file(*arguments, **keywords)
        if self._may_send is None:
            user = self.request.user  # REST framework puts the owner of a token there
            self._may_send = user.is_authenticated and bool(sites_where(user, SENDS_CASES))
        with full_disk_is_said():
            self._arriving = ArrivingFile(self.file_name or "", keep=self._may_send)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._arriving is not None:
            with full_disk_is_said():
                self._arriving.write(raw_data)

    def file_complete(self, file_size: int) -> ArrivedUpload | None:
        if self._arriving is None:
            return None
        with full_disk_is_said():
            arrived = self._arriving.complete()
        self._arriving = None
        self._arrived.append(arrived)
        return arrived

    def abandon(self) -> None:
        """Removes the file that was just coming. Call it once the answer is decided, whatever it is."""
        if self._arriving is not None:
            self._arriving.abandon()

    def discard_unnamed(self) -> None:
        """Removes what came and was not taken. Call it once the answer is decided.

        Unless a view noted of all files that a committed row names them, the database is asked which ones
        are named, so that no path through a view can forget a file, or lose one of a case that was stored.
        """
        if all(arrived.is_named for arrived in self._arrived):
            return
        stored = {arrived.stored for arrived in self._arrived if arrived.stored}
        kept = named_originals(stored) if stored else set()
        for arrived in self._arrived:
            if arrived.stored not in kept:
                arrived.discard()


@contextmanager
def full_disk_is_said() -> Iterator[None]:
    """Raises UnreadableRequest (507) in place of the operating system's error."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise disk_full() from error
        raise
