"""Files are streamed to the storage, durable before a row names them, and gone if none does."""

import hashlib
import io
import os
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from classifier.decoder_version import DECODER_VERSION
from classifier.rendition_header import ENDING
from tests.api.conftest import png
from tests.factories import incoming, make_case, picture_bytes, taken_cases
from triage.intake.arrived import ArrivingFile, arrive
from triage.intake.errors import IntakeBusy
from triage.intake.named_files import named_originals
from triage.intake.uploads import incoming_file, read_uploads
from triage.models import Image

pytestmark = pytest.mark.usefixtures("storage")
PLACES = ["api_cases", "upload"]


@pytest.fixture(params=PLACES)
def place(request):
    return reverse(request.param)


@pytest.fixture
def send(people, place):
    def post(*files, sender=people.clinician, **fields):
        if place == reverse("upload"):
            fields["grouping"] = "one"
        client = Client(raise_request_exception=False)
        client.force_login(sender)
        return client.post(
            place, {"site": "north", "body_part": "WRIST", "images": list(files), **fields}
        )

    return post


def files_in(storage):
    return sorted(path for path in storage.rglob("*") if path.is_file())


def test_an_upload_is_what_came(storage):
    data = os.urandom(300_000)
    upload = arrive("wrist.dcm", (data[at : at + 7000] for at in range(0, len(data), 7000)))
    assert (upload.name, upload.size) == ("wrist.dcm", len(data))
    assert upload.sha256 == hashlib.sha256(data).hexdigest()
    assert upload.stored.startswith("arrived/")
    assert upload.stored.endswith("/original")
    assert upload.open().read() == data
    upload.close()
    upload.discard()
    upload.discard()
    assert files_in(storage) == []
    # The folder of its own goes with it; the day's stays.
    assert not (storage / upload.stored).parent.exists()
    assert (storage / upload.stored).parent.parent.exists()


def test_the_row_names_the_file_that_came(send, storage):
    assert send(png(), png("second.png", 1)).status_code in (200, 201)
    images = Image.objects.order_by("position")
    assert [image.file_name for image in images] == ["wrist.png", "second.png"]
    made = (f"rendition.{ENDING}", "display.jpg", "thumbnail.jpg")
    for number, image in enumerate(images):
        folder = (storage / image.original.name).parent
        assert {path.relative_to(folder).as_posix() for path in files_in(folder)} == {
            "original",
            *(f"v{DECODER_VERSION}/{name}" for name in made),
        }
        assert (storage / image.original.name).read_bytes() == picture_bytes(number)
        assert image.byte_size == len(picture_bytes(number))
    assert len(files_in(storage)) == 8


@pytest.mark.parametrize(
    "wrong",
    [
        {"site": "elsewhere"},
        {"body_part": "TAIL"},
        {"clinical_question": "x" * 3000},
    ],
    ids=str,
)
def test_nothing_of_a_refused_request_is_left(send, storage, wrong):
    assert send(png(), **wrong).status_code == 400
    assert files_in(storage) == []


@pytest.mark.parametrize("second", [png("same.png"), SimpleUploadedFile("notes.png", b"none")])
def test_nothing_of_a_refused_file_is_left(send, storage, second):
    assert send(png(), second).status_code == 400
    assert files_in(storage) == []


def test_of_several_cases_the_refused_ones_go(people, storage, client):
    client.force_login(people.clinician)
    files = [png(), SimpleUploadedFile("notes.png", b"no picture"), png("other.png", 1)]
    fields = {"site": "north", "body_part": "WRIST", "images": files}
    assert client.post(reverse("upload"), fields).status_code == 200
    kept = {image.original.name for image in Image.objects.all()}
    assert {path.name for path in files_in(storage)} == {
        *("original", f"rendition.{ENDING}", "display.jpg", "thumbnail.jpg")
    }
    assert {str(path.relative_to(storage)) for path in storage.rglob("original")} == kept
    assert taken_cases().count() == 2


@pytest.mark.parametrize("who", ["reviewer", "admin", "staff"])
def test_who_sends_no_cases_fills_no_disk(send, people, storage, who):
    assert send(png(), sender=getattr(people, who)).status_code in (400, 403)
    assert not storage.exists()  # not even a folder was made


def test_after_a_failure_of_ours_the_files_stay(send, storage, monkeypatch):
    """Nobody knows whether the case was committed; the sweep of orphans looks later."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("triage.intake.services._save", fail)
    assert send(png()).status_code == 500
    assert [path.name for path in files_in(storage)].count("original") == 1


def test_of_a_site_that_is_too_busy_nothing_is_kept(send, storage, monkeypatch):
    def busy() -> None:
        raise IntakeBusy("Too many files wait.", 5)

    monkeypatch.setattr("triage.intake.queue.check_room", busy)
    assert send(png()).status_code in (400, 503)
    assert files_in(storage) == []


def test_a_file_over_the_limit_is_named_with_its_size_and_not_kept(send, storage, settings):
    settings.CALLUS_INTAKE = {**settings.CALLUS_INTAKE, "max_bytes": 200_000}
    large = SimpleUploadedFile("large.dcm", bytes(1_500_000))
    answer = send(png(), large, png("third.png", 1))
    assert answer.status_code == 400
    assert "large.dcm has 2 MB, and at most" in answer.content.decode()
    assert files_in(storage) == []


def test_a_file_over_the_limit_leaves_the_disk_while_it_still_comes(storage, settings):
    """Its bytes are counted on, for the sentence that refuses it."""
    settings.CALLUS_INTAKE = {**settings.CALLUS_INTAKE, "max_bytes": 200_000}
    arriving = ArrivingFile("large.dcm")
    for _chunk in range(4):
        arriving.write(bytes(64 * 1024))
    assert files_in(storage) == []
    arriving.write(bytes(64 * 1024))
    assert files_in(storage) == []
    uploaded = arriving.complete()
    assert (uploaded.stored, uploaded.size) == ("", 5 * 64 * 1024)


def test_two_images_never_share_a_file(site, people):
    file = incoming()
    cases = [make_case(site, people.clinician) for _ in range(2)]
    image = cases[0].images.get()
    Image.objects.filter(pk=image.pk).update(original=file.stored)
    with pytest.raises(IntegrityError, match="image_original_is_its_own"):
        Image.objects.filter(pk=cases[1].images.get().pk).update(original=file.stored)


def test_the_row_of_a_file_is_found_by_the_index(people, site):
    """The index can serve it: of a table without statistics a planner may guess that it is small."""
    case = make_case(site, people.clinician)
    image = case.images.get()
    Image.objects.bulk_create(
        Image(
            case=case,
            site=case.site,
            position=number,
            sha256=f"{number:064x}",
            original=f"{Image.ARRIVED}2026/01/01/{number}/original",
            **{
                name: getattr(image, name)
                for name in ("kind", "byte_size", "width", "height", "bits")
            },
        )
        for number in range(2, 2_002)
    )
    names = [f"{Image.ARRIVED}2026/01/01/{number}/original" for number in range(1_990, 2_010)]
    rows = Image.objects.filter(original__startswith=Image.ARRIVED, original__in=names)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "image_original_is_its_own" in (plan := rows.explain()), plan
    assert named_originals(names) == set(names[:12])


def test_a_file_that_another_handler_read_is_no_case_s_file():
    with pytest.raises(TypeError):
        incoming_file(SimpleUploadedFile("wrist.png", b"x"))
    assert read_uploads([arrive("a.png", [b"x"])])[0].size == 1


def test_a_request_costs_no_memory_of_the_size_of_its_files(people, client, storage):
    """16 MB come; the pieces of 64 kB that are on their way cost less than 2 MB."""
    client.force_login(people.clinician)
    boundary = b"x7MA4YWxkTrZu0gW"
    head = b"--%b\r\nContent-Disposition: form-data; name=%b\r\n\r\n"
    file = b'"images"; filename="large.dcm"'
    data = bytes(16_000_000)
    body = b"".join(
        [
            *(head % (boundary, b'"site"'), b"nowhere\r\n"),
            *(head % (boundary, file), data, b"\r\n--%b--\r\n" % boundary),
        ]
    )
    stream = io.BytesIO(body)
    del data
    assert client.get(reverse("api_cases")).status_code == 200  # loads what every request needs
    tracemalloc.start()
    try:
        answer = client.generic(
            "POST",
            reverse("api_cases"),
            **{
                "CONTENT_TYPE": f"multipart/form-data; boundary={boundary.decode()}",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": stream,
            },
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 400
    assert "images" not in answer.json()["error"]["fields"]
    assert peak < 2_000_000
