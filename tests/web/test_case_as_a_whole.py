"""The page, the list and REST say of a case what it says as a whole, and what of it was not read."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_case, make_release
from tests.pages import flat
from tests.worklist.test_case_as_a_whole import made
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def page_of(reader, case, asked=""):
    return flat(reader.get(reverse("case", args=[case.pk]) + asked).content.decode())


def row_of(reader, asked=""):
    page = reader.get(f"/{asked}").content.decode()
    return page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""


def rest(reader, case):
    (listed,) = reader.get(reverse("api_worklist")).json()["results"]
    whole = reader.get(reverse("api_case", args=[case.pk])).json()
    assert {name: whole[name] for name in listed} == listed
    return whole


def marks(page):
    """Number of a picture → what stands below its thumbnail."""
    strip = page.split('<nav class="strip"')[1].split("</nav>")[0]
    links = re.findall(r"<span>(\d)(.*?)</a>", strip, re.DOTALL)
    found = {}
    for number, rest in links:
        mark = re.search(r'class="mark">([^<]*)<', rest)
        found[int(number)] = mark.group(1) if mark else ""
    return found


def test_the_suspected_picture_speaks_for_the_case(site, people, reader):
    case = made(site, people, "positive", "doubt")
    page = page_of(reader, case)
    first = case.first_image
    assert f'id="image" src="{reverse("image", args=[first.pk, "display"])}"' in page
    assert "Case: <strong>Fracture suspected, hairline</strong>" in page
    assert "Agree: fracture, hairline (picture 1)" in page
    assert marks(page) == {1: "Fracture suspected", 2: "In doubt"}
    row = row_of(reader, "?finding=positive")
    assert "Fracture suspected" in row
    assert "Hairline" in row
    assert "&gt; 99" in row or "99 %" in row
    assert row_of(reader, "?finding=doubt") == ""
    body = rest(reader, case)
    assert (body["finding"], body["predicted_class"]) == ("positive", "hairline")
    assert body["fracture_probability"] == 0.99
    assert body["prediction"] == str(first.predictions.get().pk)


@pytest.mark.parametrize(
    ("other", "call", "said", "mark", "counted"),
    [
        ("excluded", "unread", "1 of 2 pictures not read", "Not read", (1, 0)),
        ("failed", "unread", "1 of 2 pictures not read", "Not read", (1, 0)),
        ("refused", "refused", "1 of 2 pictures not assessable", "Not assessable", (0, 1)),
    ],
)
def test_half_a_case_is_not_called_negative(site, people, reader, other, call, said, mark, counted):
    case = made(site, people, "negative", other)
    page, row, body = page_of(reader, case), row_of(reader), rest(reader, case)
    head = page.split('class="case-call"')[1].split("</p>")[0]
    assert said in head
    assert ("Not read as a whole" in head) == (call == "unread")
    assert said in row
    assert "No fracture seen" not in head + row
    assert marks(page) == {1: "", 2: mark}
    assert re.search(r'name="agrees" value="yes"\s+disabled', page)
    assert "has not assessed every picture" in page
    assert body["finding"] == call
    assert (body["unread_images"], body["refused_images"]) == counted
    assert body["fracture_probability"] is None
    assert row_of(reader, "?finding=negative") == ""


def test_a_suspected_fracture_says_which_pictures_were_not_read(site, people, reader):
    case = made(site, people, "positive", "excluded", "refused")
    for text in (page_of(reader, case), row_of(reader)):
        assert "1 of 3 pictures not read" in text
        assert "1 of 3 pictures not assessable" in text
        assert "Fracture suspected" in text


@pytest.mark.parametrize(
    "pictures", [("negative", "negative"), ("refused", "refused"), ("failed",)]
)
def test_a_case_that_was_treated_alike_throughout_counts_nothing(site, people, reader, pictures):
    case = made(site, people, *pictures)
    assert " of " not in row_of(reader)
    assert not re.search(r"of \d pictures", page_of(reader, case))


HEADING = re.compile(r'<p class="call">(.*?)</p>')


@pytest.mark.parametrize(
    ("call", "heading"),
    [
        ("positive", "Fracture suspected"),
        ("doubt", "In doubt"),
        ("negative", "No fracture seen"),
    ],
)
def test_the_heading_is_the_call_and_the_type_stands_below(site, people, reader, call, heading):
    case = make_case(site, people.clinician, top="greenstick", finding={"call": call})
    page = page_of(reader, case)
    assert HEADING.findall(page) == [heading]
    below = page.split('<p class="call">')[1]
    assert ('class="type"> <span class="muted">Type:</span> Greenstick' in below) == (
        call != "negative"
    )


def test_the_list_shows_the_chance_of_a_fracture(site, people, reader):
    make_case(site, people.clinician, finding={"call": "negative", "fracture_probability": 0.0731})
    cell = row_of(reader).split('<td class="chance"')[1].split("</td>")[0]
    assert "7 %" in cell
    (listed,) = reader.get(reverse("api_worklist")).json()["results"]
    assert listed["fracture_probability"] == 0.0731


def test_a_row_without_chance_and_class_has_empty_cells(site, people, reader):
    """On a phone a cell has its label before it unless it is empty: "fracture" alone would be an answer."""
    make_release(usable=False)
    make_case(site, people.clinician, finding={"call": "negative", "assessable": False})
    row = row_of(reader)
    assert '<td class="chance"></td>' in row
    assert '<td class="confidence"></td>' in row


@pytest.mark.parametrize("state", [CaseState.PREDICTED, CaseState.RECEIVED])
def test_no_list_shows_a_chance_that_is_not_disclosed(site, people, reader, state):
    make_release(usable=False)
    make_case(site, people.clinician, state, finding={"fracture_probability": 0.7777})
    assert "78 %" not in row_of(reader)
    (listed,) = reader.get(reverse("api_worklist")).json()["results"]
    assert listed["fracture_probability"] is None
