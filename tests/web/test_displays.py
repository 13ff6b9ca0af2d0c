"""The display by each curve that a header offers, on the page and over REST, for those who may see it."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from tests.factories import make_case
from triage.models import Image
from triage.web.displays import displays_of

pytestmark = pytest.mark.usefixtures("storage")

FIRST, SECOND = b"\xff\xd8\xff first", b"\xff\xd8\xff the second one"
CURVES = [
    {"name": "NORMAL", "center": None, "width": None, "start": 0, "size": 0},
    {"name": "SOFT", "center": 900.0, "width": 400.0, "start": 0, "size": len(FIRST)},
    {"name": "", "center": None, "width": None, "start": len(FIRST), "size": len(SECOND)},
]


@pytest.fixture
def image(site, people):
    case = make_case(site, people.clinician)
    name = default_storage.save("drawn/alternatives.jpegs", ContentFile(FIRST + SECOND))
    changed = {"display_by": "table", "curves": CURVES, "alternatives": name}
    Image.objects.filter(case=case).update(**changed)
    return Image.objects.get(case=case)


def body_of(answer) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content


def web(image, number):
    return reverse("image", args=[image.pk, f"display-{number}"])


def rest(image, number):
    return reverse("api_image_display", args=[image.pk]) + f"?curve={number}"


@pytest.mark.parametrize("address", [web, rest])
@pytest.mark.parametrize(("number", "body"), [(2, FIRST), (3, SECOND)])
def test_each_curve_has_a_display_of_its_own(image, people, client, address, number, body):
    client.force_login(people.reviewer)
    answer = client.get(address(image, number))
    assert (answer.status_code, answer.content) == (200, body)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    known = client.get(address(image, number), headers={"If-None-Match": answer["ETag"]})
    assert known.status_code == 304
    other = client.get(address(image, 5 - number), headers={"If-None-Match": answer["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("address", [web, rest])
def test_the_first_curve_is_the_display_itself(image, people, client, address):
    client.force_login(people.reviewer)
    with image.display.open() as stored:
        assert body_of(client.get(address(image, 1))) == stored.read()


@pytest.mark.parametrize("address", [web, rest])
@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "02", "2-2", "²"])
def test_a_curve_that_is_not_offered_is_not_there(image, people, client, address, number):
    client.force_login(people.reviewer)
    if address is web and number == "²":
        assert client.get(f"/images/{image.pk}/display-²/").status_code == 404
    else:
        assert client.get(address(image, number)).status_code == 404


@pytest.mark.parametrize("which", ["original-2", "thumbnail-2", "rendition-2", "alternatives"])
def test_only_a_display_has_alternatives(image, people, client, which):
    client.force_login(people.reviewer)
    assert client.get(reverse("image", args=[image.pk, which])).status_code == 404


@pytest.mark.parametrize("address", [web, rest])
def test_a_stranger_sees_none(image, people, client, address):
    client.force_login(people.stranger)
    assert client.get(address(image, 2)).status_code == 404


def test_rest_says_what_is_offered(image, people, client):
    client.force_login(people.reviewer)
    body = client.get(reverse("api_image", args=[image.pk])).json()
    assert body["display_by"] == "table"
    assert body["curves"] == [
        {"number": 1, "name": "NORMAL", "center": None, "width": None},
        {"number": 2, "name": "SOFT", "center": 900.0, "width": 400.0},
        {"number": 3, "name": "", "center": None, "width": None},
    ]


def test_the_page_offers_each_under_its_name(image):
    labels = [label for _, label in displays_of(image)]
    assert labels == ["NORMAL", "900 / 400 (SOFT)", "Table 3"]


def test_a_single_curve_is_no_choice(image):
    image.curves = CURVES[:1]
    assert displays_of(image) == []


def test_a_picture_whose_curves_have_no_displays_offers_the_default(image):
    image.curves = [{"name": "A", "center": None, "width": None}] * 2
    assert [curve.number for curve in image.offered] == [1]
