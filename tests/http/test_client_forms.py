"""Forms as clients of all ages write them: every part comes in, or the answer says why not."""

import base64
import binascii
import quopri

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from tests.factories import picture_bytes
from tests.http.conftest import BOUNDARY, FORM, form, part, picture
from triage.http.multipart import whole_form
from triage.http.unreadable import UnreadableRequest
from triage.models import Case, Image

pytestmark = pytest.mark.usefixtures("storage")
B = BOUNDARY.encode()


@pytest.fixture
def send(site, people):
    token = AuthToken.objects.create(people.clinician)[1]
    client = Client(headers={"Authorization": f"Token {token}"})

    def post(body: bytes, kind: str = FORM):
        return client.generic("POST", reverse("api_cases"), body, kind)

    return post


def raw_part(head: bytes, content: bytes) -> bytes:
    return b"--%b\r\n%b\r\n\r\n%b\r\n" % (B, head, content)


FIELDS = part("site", "north") + part("body_part", "WRIST")
FILE = b'Content-Disposition: form-data; name="images"; filename="wrist.png"'


def question(head: bytes, content: bytes) -> bytes:
    name = b'Content-Disposition: form-data; name="clinical_question"\r\n'
    return raw_part(name + head, content)


def original() -> bytes:
    with Image.objects.get().original.open() as file:
        return file.read()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        (b"binary", bytes),
        (b"8bit", bytes),
        (b"base64", base64.b64encode),
        (b"BASE64", base64.encodebytes),
        (b"quoted-printable", lambda data: binascii.b2a_qp(data, istext=False)),
        (b"Quoted-Printable ", lambda data: binascii.b2a_qp(data, quotetabs=True, istext=False)),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_file_is_decoded_as_its_part_says(send, encoding, encode):
    head = FILE + b"\r\nContent-Transfer-Encoding: " + encoding
    body = FIELDS + raw_part(head, encode(picture_bytes()))
    assert send(form(body)).status_code == 201
    assert original() == picture_bytes()


@pytest.mark.parametrize(
    ("head", "content"),
    [
        (b"Content-Transfer-Encoding: quoted-printable", b"Sturz aus gro=C3=9Fer H=C3=B6he"),
        (b"content-transfer-encoding: QUOTED-PRINTABLE", b"Sturz aus =\r\ngro=C3=9Fer H=C3=B6he"),
        (b"Content-Transfer-Encoding: base64", base64.b64encode("Sturz aus großer Höhe".encode())),
        (b"Content-Transfer-Encoding: 8bit", "Sturz aus großer Höhe".encode()),
        (
            b"Content-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit",
            "Sturz aus großer Höhe".encode("latin-1"),
        ),
        (b'Content-Type: text/plain; charset="Windows-1252"', b"Sturz aus gro\xdfer H\xf6he"),
        (b"Content-Type: text/plain; charset=utf-8", "Sturz aus großer Höhe".encode()),
        (
            b"Content-Type: text/plain; charset=iso-8859-1\r\n"
            b"Content-Transfer-Encoding: quoted-printable",
            b"Sturz aus gro=DFer H=F6he",
        ),
    ],
    ids=str,
)
def test_a_field_is_read_in_its_own_encoding(send, head, content):
    assert send(form(FIELDS, question(head, content), picture(picture_bytes()))).status_code == 201
    assert Case.objects.get().clinical_question == "Sturz aus großer Höhe"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Transfer-Encoding: x-uuencode",
        b"Content-Transfer-Encoding: gzip",
        b"Content-Type: text/plain; charset=utf-16",
        b"Content-Type: text/plain; charset=rot13",
        b"Content-Type: text/plain; charset=no-such-letters",
    ],
    ids=str,
)
def test_an_encoding_that_nobody_knows_is_said(send, head):
    answer = send(form(FIELDS, question(head, b"text"), picture(picture_bytes())))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_part")
    assert "encoding" in answer.json()["error"]["message"]
    assert not Case.objects.exists()


def lines_end_in_lf(body: bytes, data: bytes) -> bytes:
    """All lines of the form, but not the picture's bytes."""
    head, tail = body.split(data)
    return head.replace(b"\r\n", b"\n") + data + tail.replace(b"\r\n", b"\n")


def test_lines_that_end_without_a_carriage_return_are_read(send):
    data = picture_bytes()
    body = lines_end_in_lf(form(FIELDS, part("accession_number", "A-1"), picture(data)), data)
    assert b"\n\n" in body
    assert send(body).status_code == 201
    assert original() == data
    assert Case.objects.get().accession_number == "A-1"


@pytest.mark.parametrize("preamble", [b"This is a multi-part message in MIME format.\r\n", b"\r\n"])
@pytest.mark.parametrize("epilogue", [b"", b"\r\nThat was it.\r\n\r\n"])
def test_what_stands_before_and_behind_the_form_is_ignored(send, preamble, epilogue):
    assert send(preamble + form(FIELDS, picture(picture_bytes())) + epilogue).status_code == 201
    assert original() == picture_bytes()


def test_what_looks_like_a_part_before_the_form_is_none(send):
    preamble = b'Content-Disposition: form-data; name="accession_number"\r\n\r\nA-0\r\n'
    assert send(preamble + form(FIELDS, picture(picture_bytes()))).status_code == 201
    assert Case.objects.get().accession_number == ""


@pytest.mark.parametrize(
    "kind",
    [
        f"Multipart/Form-Data; boundary={BOUNDARY}",
        f'multipart/form-data; boundary="{BOUNDARY}"',
        f"multipart/form-data;BOUNDARY={BOUNDARY}",
        f"multipart/form-data; charset=utf-8; boundary={BOUNDARY}",
    ],
)
def test_the_content_type_is_read_in_all_its_forms(send, kind):
    assert send(form(FIELDS, picture(picture_bytes())), kind).status_code == 201


def test_names_without_quotes_are_read(send):
    head = b"content-disposition:form-data;name=images;filename=wrist.png"
    assert send(form(FIELDS, raw_part(head, picture_bytes()))).status_code == 201
    assert Image.objects.get().file_name == "wrist.png"


def pieces(body, size):
    return (body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.parametrize("size", [1, 2, 7, 76, 1000])
def test_a_decoded_part_is_the_same_in_pieces_of_any_size(size):
    data = bytes(range(256)) * 20
    head = FILE + b"\r\nContent-Transfer-Encoding: quoted-printable"
    body = form(raw_part(head, quopri.encodestring(data)), part("site", "nörth"))
    wanted = form(raw_part(FILE, quopri.decodestring(quopri.encodestring(data) + b"\r\n")[:-2]))
    decoded = b"".join(whole_form(pieces(body, size), B))
    assert decoded.startswith(wanted[: -len(form())])
    assert "nörth".encode() in decoded


def test_a_content_that_becomes_a_boundary_is_refused():
    hidden = quopri.encodestring(b"x\r\n--%b\r\n" % B).replace(b"-", b"=2D")
    head = FILE + b"\r\nContent-Transfer-Encoding: quoted-printable"
    for size in (1, 10, 1000):
        with pytest.raises(UnreadableRequest):
            b"".join(whole_form(pieces(form(raw_part(head, hidden)), size), B))
