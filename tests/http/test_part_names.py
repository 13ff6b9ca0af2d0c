"""What a form calls its parts: every file comes in under a readable name, or the answer says why not."""

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


@pytest.fixture(params=["token", "session"])
def send(request, site, people):
    """Over REST, by both ways of signing in."""
    client = Client()
    if request.param == "session":
        client.force_login(people.clinician)
    else:
        client = Client(
            headers={"Authorization": f"Token {AuthToken.objects.create(people.clinician)[1]}"}
        )

    def post(*parts: bytes):
        body = form(part("site", "north"), part("body_part", "WRIST"), *parts)
        return client.generic("POST", reverse("api_cases"), body, FORM)

    return post


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("Röntgen.png".encode("latin-1"), "Röntgen.png"),
        ("Handgelenk – links.png".encode("cp1252"), "Handgelenk – links.png"),
        ("Röntgen.png".encode(), "Röntgen.png"),
        ("🦴 手首.png".encode(), "🦴 手首.png"),
        ("مرفق.png".encode(), "مرفق.png"),
        (rb"C:\\Users\\ward\\wrist.png", "wrist.png"),
        (b"../../etc/wrist.png", "wrist.png"),
        (b"...", "..."),
        (b"..", "unnamed"),
        (b".", "unnamed"),
        (b"folder/", "unnamed"),
        (b"x" * 250 + b".png", "x" * 116 + ".png"),
        (b"x" * 4000 + b".png", "x" * 116 + ".png"),
        ("ö".encode("latin-1") * 900 + b".png", "ö" * 116 + ".png"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_file_keeps_a_readable_name(send, sent, taken):
    answer = send(picture(picture_bytes(), b'filename="%b"' % sent))
    assert answer.status_code == 201, answer.content
    assert Image.objects.get().file_name == taken


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (b"filename*=UTF-8''R%C3%B6ntgen.png", "Röntgen.png"),
        (b"filename*=ISO-8859-1'de'R%F6ntgen.png", "Röntgen.png"),
        (b"filename=\"x.png\"; filename*=UTF-8''R%C3%B6ntgen.png", "Röntgen.png"),
    ],
)
def test_a_name_with_its_own_encoding_is_read(send, sent, taken):
    assert send(picture(picture_bytes(), sent)).status_code == 201
    assert Image.objects.get().file_name == taken


@pytest.mark.parametrize(
    "lost",
    [
        picture(picture_bytes(1), b"filename*=nonsense''x.png"),
        part("", picture_bytes(1), b'filename="x.png"'),
        b"--%b\r\n\r\n%b\r\n" % (BOUNDARY.encode(), picture_bytes(1)),
        b"--%b\r\nContent-Type: image/png\r\n\r\n%b\r\n" % (BOUNDARY.encode(), picture_bytes(1)),
        b"--%b\r\nno header at all\r\n" % BOUNDARY.encode(),
        b'--%b\r\nContent-Disposition: form-data;\r\n name="images"; filename="x.png"\r\n\r\nx\r\n'
        % BOUNDARY.encode(),
    ],
    ids=["unknown encoding", "no name", "no header", "no disposition", "no end", "folded"],
)
def test_no_part_is_left_out_without_a_word(send, lost):
    """The other picture is good: without the check it would be a case of one."""
    answer = send(picture(picture_bytes(0)), lost)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_part"
    assert not Case.objects.exists()


def test_a_field_that_is_not_utf_8_is_named(send):
    question = part("clinical_question", "Sturz aus der Höhe".encode("latin-1"))
    answer = send(picture(picture_bytes()), question)
    assert answer.status_code == 400
    (said,) = answer.json()["error"]["fields"]["clinical_question"]
    assert "UTF-8" in said
    assert not Case.objects.exists()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 64, 1000, 10_000])
def test_a_form_is_the_same_in_pieces_of_any_size(size):
    """A boundary or a header may lie across two reads from the line."""
    latin = picture(picture_bytes(1), 'filename="Röntgen.png"'.encode("latin-1"))
    near = part("clinical_question", f"--{BOUNDARY[:-1]} \r\n--{BOUNDARY[:9]}\r\n\r\n-")
    body = form(part("site", "north"), near, picture(picture_bytes(0)), latin, part("side", ""))
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    wanted = body.replace("Röntgen".encode("latin-1"), "Röntgen".encode())
    assert b"".join(whole_form(pieces, BOUNDARY.encode())) == wanted
    for cut in range(len(body) - 60, len(body) - 2):
        short = (body[start : min(start + size, cut)] for start in range(0, cut, size))
        with pytest.raises(UnreadableRequest):
            b"".join(whole_form(short, BOUNDARY.encode()))


def test_what_stands_behind_the_last_boundary_is_no_part(site, people, client):
    client.force_login(people.clinician)
    whole = form(part("site", "north"), part("body_part", "WRIST"), picture(picture_bytes()))
    behind = form(part("accession_number", "FROM-BEHIND"))
    answer = client.generic("POST", reverse("api_cases"), whole + behind, FORM)
    assert answer.status_code == 201
    assert Case.objects.get().accession_number == ""


def test_the_page_takes_a_latin_1_name_and_names_a_picture_without_one(site, people, client):
    client.force_login(people.clinician)
    fields = (part("site", "north"), part("body_part", "WRIST"))
    named = picture(picture_bytes(), 'filename="Röntgen.png"'.encode("latin-1"))
    assert client.generic("POST", reverse("upload"), form(*fields, named), FORM).status_code == 200
    assert Image.objects.get().file_name == "Röntgen.png"
    nameless = part("images", picture_bytes(1))
    answer = client.generic("POST", reverse("upload"), form(*fields, named, nameless), FORM)
    assert answer.status_code == 400
    assert b"without a file name" in answer.content
    assert Case.objects.count() == 1
