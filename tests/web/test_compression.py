"""Text goes out compressed, pictures as they are, and what a browser has is not sent again either way."""

import gzip
import re

import pytest
from django.urls import reverse

from classifier.rendition_header import MAGIC
from tests.factories import make_case
from triage.models import Prediction

pytestmark = pytest.mark.usefixtures("storage")
GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.fixture
def case(site, people):
    for _ in range(10):
        case = make_case(site, people.clinician)
    return case


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def body(answer):
    return b"".join(answer)


@pytest.mark.parametrize("address", ["/", "/worklist/live/", "/api/v1/worklist"])
def test_pages_and_json_are_compressed(case, reader, address):
    plain = reader.get(address)
    packed = reader.get(address, headers=GZIP)
    assert plain.status_code == packed.status_code == 200
    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(gzip.decompress(packed.content)) > 3 * len(packed.content)
    assert case.accession_number in gzip.decompress(packed.content).decode()


def test_the_length_of_an_answer_reveals_nothing_exact(case, reader):
    rows = reader.get("/worklist/live/", headers=GZIP)
    lengths = {len(reader.get("/worklist/live/", headers=GZIP).content) for _ in range(20)}
    assert len(lengths | {len(rows.content)}) > 1


def test_each_answer_masks_its_csrf_token_anew(client, db):
    pages = [client.get(reverse("account_login")).content.decode() for _ in range(2)]
    tokens = [re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1] for page in pages]
    assert tokens[0] != tokens[1]


def test_compressed_rows_are_not_sent_again(case, reader):
    first = reader.get("/worklist/live/", headers=GZIP)
    assert first["ETag"].startswith('W/"')
    again = reader.get("/worklist/live/", headers={**GZIP, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("which", ["thumbnail", "display", "rendition", "original", "map"])
def test_pictures_go_out_as_they_are_and_once(case, reader, which):
    image = case.first_image
    address = reverse("image", args=[image.pk, which])
    if which == "map":
        prediction = Prediction.objects.get(image=image)
        address = reverse("activation_map", args=[prediction.pk, "top"])
    answer = reader.get(address, headers=GZIP)
    assert "Content-Encoding" not in answer.headers
    sent = body(answer)
    assert sent[:2] in (b"\xff\xd8", b"\x89P", MAGIC[:2])
    if answer.streaming:
        assert int(answer["Content-Length"]) == len(sent)
    etag = answer["ETag"]
    for known in (etag, f"W/{etag}", f'"another", {etag}'):  # a proxy that compresses makes it weak
        again = reader.get(address, headers={**GZIP, "If-None-Match": known})
        assert (again.status_code, body(again)) == (304, b"")
    assert body(reader.get(address, headers={"If-None-Match": '"another"'})) == sent


def test_what_is_static_is_left_to_whitenoise(client, settings):
    font = client.get("/static/fonts/inter-latin-wght-normal.woff2", headers=GZIP)
    assert font.status_code == 200
    assert "Content-Encoding" not in font.headers
    assert int(font["Content-Length"]) == len(body(font))
    order = settings.MIDDLEWARE
    compress = order.index("config.middleware.CompressText")
    assert order.index("whitenoise.middleware.WhiteNoiseMiddleware") < compress
    assert compress < order.index("django.contrib.sessions.middleware.SessionMiddleware")
