"""A file is on the disk, with its folders, before the row that names it is committed.

PostgreSQL syncs the row. Without this a power cut would leave cases whose pictures are empty.
"""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """Django's storage in a folder, whose files outlive a power cut once they are closed.

    All files of cases go in and out by Django's storage API. Another storage (``STORAGES["default"]``) must
    do the same: ``open(name, "wb")`` streams and never holds a file whole in memory; ``save`` and ``close``
    return when the bytes are durable and every reader sees them; ``save`` replaces nothing; ``listdir`` and
    ``get_modified_time`` work, since the sweep of orphans walks the storage.
    """

    def _open(self, name: str, mode: str = "rb") -> File:
        """Opened with "wb": a new file, which is durable when ``close`` returns.

        Raises:
            FileExistsError: there is such a file, which a row may name.
            OSError: the disk is full or broken; from ``write`` and ``close`` too.
        """
        if mode != "wb":
            return super()._open(name, mode)  # type: ignore[misc]  # unknown to the stubs
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(path, flags, self.file_permissions_mode or 0o666)
        return _DurableFile(os.fdopen(descriptor, "wb"), name, self._folders(path))

    def _save(self, name: str, content: File) -> str:
        """Writes a new file, under another name if this one is taken. Leaves nothing where it fails."""
        while True:
            try:
                file = self._open(name, "wb")
                break
            except FileExistsError:
                name = self.get_available_name(name)
        try:
            with file:
                for chunk in content.chunks():
                    file.write(chunk)
        except BaseException:
            self.delete(name)
            raise
        return name

    def free_bytes(self) -> int:
        """Free bytes of the disk, for those who aren't root."""
        folder = Path(self.location)
        while not folder.exists():
            folder = folder.parent
        disk = os.statvfs(folder)
        return disk.f_bavail * disk.f_frsize

    def delete(self, name: str) -> None:
        """Removes the file, and the folder that held nothing else: an upload has a folder of its own.

        Never a folder above it. Somebody may just be making a file there, and ``_sync_entry`` remembers it.
        """
        super().delete(name)
        with suppress(OSError):  # not empty, or gone
            Path(self.path(name)).parent.rmdir()

    def _folders(self, path: Path) -> list[Path]:
        """The folders of ``path`` from its own up to the one below the storage's root."""
        root = Path(self.location)
        return [folder for folder in path.parents if folder.is_relative_to(root)][:-1]


class _DurableFile(File):
    """A new file. ``close`` writes it to the disk, then its entries in its folders."""

    def __init__(self, file: IO[bytes], name: str, folders: list[Path]) -> None:
        super().__init__(file, name)
        self._folders = folders

    def close(self) -> None:
        if self.closed:
            return
        file: Any = self.file
        try:
            file.flush()
            os.fsync(file.fileno())
        finally:
            file.close()
        own, *above = self._folders
        _sync(own)
        _sync(own.parent)  # always: ``delete`` may have removed our folder, and we made it again
        for folder in above:
            _sync_entry(folder)


@lru_cache(maxsize=256)
def _sync_entry(folder: Path) -> None:
    """Syncs the entry of ``folder`` in the folder above it, once a process: each sync flushes the disk.

    Another process may have made it and not synced it yet.
    """
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
