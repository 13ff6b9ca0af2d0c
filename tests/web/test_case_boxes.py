"""Where the model suspects a fracture, on the page of a case."""

import io
import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from PIL import Image as Picture

from tests.factories import BOXES, make_case, make_prediction, make_release, places
from triage.inference.case_update import update_cases
from triage.models import Job
from triage.models.prediction import MAPS
from triage.states import CaseState
from triage.web.boxes import DrawnBox

pytestmark = pytest.mark.usefixtures("storage")

RECT = re.compile(
    r'<rect class="over" x="([\d.]+)%" y="([\d.]+)%" width="([\d.]+)%" height="([\d.]+)%"/>'
)
LAYER = re.compile(
    r'<div class="boxes (\w+)" data-of-image="(\d)"( hidden)?>(.*?)</div>', re.DOTALL
)

PICTURE = SimpleNamespace(
    number=1,
    image=SimpleNamespace(shown_width=4096, shown_height=1234),
    disclosed=SimpleNamespace(call="doubt"),
    drawn=[DrawnBox(0.41512, 0.5, 0.1, 0.1, 0.7)],
    label_size=100,
)


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def page_of(reader, case, asked=""):
    return reader.get(reverse("case", args=[case.pk]) + asked).content.decode()


@pytest.mark.parametrize(("call", "line"), [("positive", "Solid:"), ("doubt", "Dotted:")])
def test_each_box_is_drawn_with_its_score_and_named_in_words(site, people, reader, call, line):
    case = make_case(site, people.clinician, finding=places(call))
    page = page_of(reader, case)
    ((drawn_as, number, is_hidden, layer),) = LAYER.findall(page)
    assert (drawn_as, number, is_hidden) == (call, "1", "")
    assert 'viewBox="0 0 96 120"' in layer  # fits into its place as the picture does
    corners = [[float(value) / 100 for value in found] for found in RECT.findall(layer)]
    expected = [[box["x"], box["y"], box["width"], box["height"]] for box in BOXES]
    assert corners == [pytest.approx(box) for box in reversed(expected)]  # the best on top
    assert re.findall(r">([\d ]+%)</text>", layer) == ["18 %", "71 %"]
    words = " ".join(
        re.sub(r"<[^>]*>", "", page.split('class="places"')[1].split("</p>")[0]).split()
    )
    assert "The model marks 2 places: the middle 71 %, upper left 18 %" in words
    assert line in words
    assert "may be wrong" in words
    assert "style=" not in page


def test_numbers_of_a_drawing_have_no_decimal_comma():
    with translation.override("de"):
        drawn = render_to_string("case/boxes.html", {"panels": [PICTURE], "current": PICTURE})
    assert [found[0] for found in RECT.findall(drawn)] == ["41.512"]
    assert 'viewBox="0 0 4096 1234"' in drawn


@pytest.mark.parametrize("asked", ["?image=1", "?image=2"])
def test_each_picture_has_its_own_boxes(site, people, reader, asked):
    case = make_case(site, people.clinician, CaseState.RECEIVED, images=2)
    Job.objects.all().delete()
    release = make_release()
    one, two = case.images.all()
    make_prediction(one, release, **places("doubt", BOXES[1:]))
    make_prediction(two, release, **places("positive", BOXES[:1]))
    update_cases([case.pk])
    layers = {
        int(number): (call, bool(is_hidden), RECT.findall(layer))
        for call, number, is_hidden, layer in LAYER.findall(page_of(reader, case, asked))
    }
    assert layers[1] == ("doubt", asked == "?image=2", [("5.000", "2.000", "15.000", "12.000")])
    assert layers[2] == (
        "positive",
        asked == "?image=1",
        [("41.000", "52.000", "20.000", "10.000")],
    )


@pytest.mark.parametrize(
    ("said", "usable"),
    [
        ({}, True),  # a release without a detector
        (places("negative"), True),
        (places("") | {"assessable": False, "reason": "This looks like a chest film."}, True),
        (places("positive"), False),
    ],
)
def test_where_nothing_is_called_there_is_no_box_and_no_word_of_one(
    site, people, reader, said, usable
):
    make_release(usable=usable)
    case = make_case(site, people.clinician, finding=said)
    page = page_of(reader, case)
    assert "<rect class" not in page
    assert "data-fracture" not in page
    assert "marks" not in page
    assert ("data-top=" in page) == (said == {} or not usable)  # the classes' maps are as they were


def test_the_detectors_map_comes_first_and_the_classes_maps_stay(site, people, reader):
    case = make_case(site, people.clinician, finding=places())
    page = page_of(reader, case)
    addresses = re.findall(r'data-(fracture|top|rival)="([^"]*)"', page)
    assert [name for name, __ in addresses] == ["fracture", "top", "rival"]
    for __, address in addresses:
        answer = reader.get(urlsplit(address).path)
        assert answer.status_code == 200
        picture = Picture.open(io.BytesIO(answer.content))
        assert picture.width / picture.height == pytest.approx(96 / 120, rel=0.01)
        headers = {"If-None-Match": answer["ETag"]}
        assert reader.get(address, headers=headers).status_code == 304
    tags = {reader.get(address)["ETag"] for __, address in addresses}
    assert len(tags) == 3


def test_the_same_probability_has_the_same_colour_on_every_picture(site, people, reader):
    """The classes' maps are scaled to their own maximum, so that the surest cell always shines."""

    def strongest(chance):
        said = places() | {"fracture_map": [[chance] * 7] * 7}
        case = make_case(site, people.clinician, finding=said)
        address = reverse("activation_map", args=[case.deciding_prediction_id, "fracture"])
        return Picture.open(io.BytesIO(reader.get(address).content)).getchannel("A").getextrema()[1]

    assert 255 * 0.1 < strongest(0.04) < strongest(0.36) / 2  # a doubt is faint, and still seen


def test_no_page_loads_a_map(site, people, reader):
    case = make_case(site, people.clinician, finding=places(), images=2)
    for address in (
        reverse("case", args=[case.pk]),
        reverse("case_model_output", args=[case.pk]),
        reverse("worklist"),
        reverse("api_case", args=[case.pk]),
        reverse("api_worklist"),
    ):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert reader.get(address).status_code == 200
        asked = [
            query["sql"] for query in queries if any(f'"{name}"' in query["sql"] for name in MAPS)
        ]
        assert asked == [], address


@pytest.mark.parametrize(
    ("x", "y", "width", "height", "side", "ends", "place"),
    [
        (0.4, 0.4, 0.2, 0.2, "above", False, "the middle"),
        (0.0, 0.0, 0.1, 0.1, "below", False, "upper left"),
        (0.9, 0.9, 0.1, 0.1, "above", True, "lower right"),
        (0.9, 0.0, 0.1, 1.0, "inside", True, "middle right"),
        (0.3, 0.01, 0.5, 0.2, "below", False, "upper middle"),
        (0.0, 0.7, 0.2, 0.3, "above", False, "lower left"),
    ],
)
def test_a_score_stands_beside_its_box_and_inside_the_picture(
    x, y, width, height, side, ends, place
):
    box = DrawnBox(x, y, width, height, 0.5)
    assert (box.label_side, box.label_ends, str(box.place)) == (side, ends, place)
    assert box.label_x in (box.x, box.x + box.width)


def in_the_middle(score: float) -> dict[str, float]:
    return {"x": 0.4, "y": 0.4, "width": 0.2, "height": 0.2, "score": score}


def test_boxes_of_one_place_are_numbered_and_only_the_best_is_drawn_strong(site, people, reader):
    elsewhere = {**in_the_middle(0.22), "x": 0.0, "y": 0.0}
    boxes = [in_the_middle(0.56), elsewhere, in_the_middle(0.12)]
    case = make_case(site, people.clinician, finding=places("positive", boxes))
    page = page_of(reader, case)
    words = " ".join(re.sub(r"<[^>]*>", "", page.split('class="places"')[1]).split())
    assert "3 places: the middle (1) 56 %, upper left 22 %, the middle (2) 12 %" in words
    assert "Thin and dim: less probable than the first." in words
    ((_, _, _, layer),) = LAYER.findall(page)
    assert re.findall(r">([^<>]+%)</text>", layer) == ["2: 12 %", "22 %", "1: 56 %"]
    assert re.findall(r"<g( class=.rest.)?>", layer) == [' class="rest"', ' class="rest"', ""]


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (places("positive"), {"The model marks"}),
        (places("negative"), {"No place is marked on this picture."}),
        ({"call": "negative"}, {"No place is marked on this picture."}),
        ({"call": "positive"}, {"No place is marked on this picture."}),
        ({"assessable": False, "reason": "This looks like a chest film."}, set()),
    ],
)
def test_the_page_says_whether_a_place_is_marked_where_one_was_looked_for(
    site, people, reader, finding, words
):
    page = page_of(reader, make_case(site, people.clinician, finding=finding))
    every = {"The model marks", "No place is marked on this picture."}
    assert {each for each in every if each in page} == words


def sides(*corners):
    stored = ({"x": x, "y": y, "width": 0.1, "height": 0.1, "score": 0.5} for x, y in corners)
    return [box.label_side for box in DrawnBox.all_of(stored)]


def test_labels_of_boxes_that_lie_close_do_not_meet():
    """The better one keeps its place above; the other's goes below its box, if there is room."""
    assert sides((0.4, 0.5), (0.45, 0.48)) == ["above", "below"]
    assert sides((0.4, 0.5), (0.7, 0.5)) == ["above", "above"]
    assert sides((0.4, 0.9), (0.45, 0.88)) == ["above", "above"], "No room below either."
    # Below the first, where the second's label would be above it.
    assert sides((0.4, 0.02), (0.42, 0.16)) == ["below", "below"]
