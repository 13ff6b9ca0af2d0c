"""A file and its folders are on the disk before a row names it; nothing that lies there is replaced."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from tests.api.conftest import png
from triage.intake.arrived import arrive

pytestmark = pytest.mark.usefixtures("storage")


@contextmanager
def synced_files(root: Path):
    """Which files and folders below ``root`` were synced, as the kernel names them."""
    synced: set[str] = set()
    real = os.fsync

    def record(descriptor: int) -> None:
        real(descriptor)
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(root)))

    os.fsync = record
    try:
        yield synced
    finally:
        os.fsync = real


def test_every_file_and_folder_is_on_the_disk_before_the_row(people, client, storage):
    client.force_login(people.clinician)
    missing: list[set[str]] = []

    def look(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "triage_image"'):
            written = {path.relative_to(storage).as_posix() for path in storage.rglob("*")}
            missing.append((written | {"."}) - synced)
        return execute(sql, params, many, context)

    storage.mkdir(parents=True)
    with synced_files(storage) as synced, connection.execute_wrapper(look):
        fields = {"site": "north", "body_part": "WRIST", "images": [png()]}
        assert client.post(reverse("api_cases"), fields).status_code == 201
    assert missing == [set()]


def test_a_write_that_fails_leaves_nothing(storage, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for write in (
        lambda: arrive("wrist.png", [b"x"]),
        lambda: default_storage.save("arrived/2026/01/01/a/v1/display.jpg", ContentFile(b"x")),
    ):
        with pytest.raises(OSError, match="No space"):
            write()
    assert not [path for path in storage.rglob("*") if path.is_file()]


def test_a_stored_file_is_never_opened_for_writing_again():
    upload = arrive("wrist.png", [b"first"])
    with pytest.raises(FileExistsError):
        default_storage.open(upload.stored, "wb")
    assert default_storage.save(upload.stored, ContentFile(b"second")) != upload.stored
    assert upload.open().read() == b"first"
    upload.close()
