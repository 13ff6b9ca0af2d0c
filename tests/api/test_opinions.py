"""Opinions by REST: in the words of now, in the one word of the first clients, and never in both of them."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.models import Review

pytestmark = pytest.mark.usefixtures("storage")
PLACE = {"image": 1, "x": 0.25, "y": 0.5, "width": 0.125, "height": 0.25}
FULL = {
    "fracture": "possible",
    "classes": ["comminuted", "spiral"],
    "displaced": False,
    "old": True,
    "places": [PLACE],
    "other_finding": "Effusion.",
    "comment": "Look again.",
}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def sign(client, people, case):
    client.force_login(people.reviewer)
    address = reverse("api_case_reviews", args=[case.pk])
    return lambda **body: client.post(address, body, content_type="application/json")


def test_every_answer_goes_in_and_comes_out(sign, client):
    answer = sign(**FULL)
    assert answer.status_code == 201
    signed = answer.json()
    assert {name: signed[name] for name in FULL} == FULL
    assert (signed["agrees"], signed["opinion"]) == (False, "other_class")
    assert signed["conclusion"] == "fracture"
    said = (
        "Fracture, possible: comminuted, spiral, not displaced. Old: yes. Other finding: Effusion."
    )
    assert signed["summary"] == said
    corrections = reverse("api_review_corrections", args=[signed["id"]])
    body = {**FULL, "displaced": None, "places": []}
    corrected = client.post(corrections, body, content_type="application/json").json()
    assert {name: corrected[name] for name in FULL} == body


@pytest.mark.parametrize(
    ("sent", "fracture", "classes", "agrees"),
    [
        ({"opinion": "agree"}, "certain", ["oblique"], True),
        ({"opinion": "agree", "classes": ["oblique"]}, "certain", ["oblique"], True),
        ({"agrees": True}, "certain", ["oblique"], True),
        ({"opinion": "agree", "agrees": True, "fracture": "certain"}, "certain", ["oblique"], True),
        ({"opinion": "other_class", "classes": ["spiral"]}, "certain", ["spiral"], False),
        ({"opinion": "other_class", "fracture": "possible"}, "possible", [], False),
        ({"opinion": "no_fracture"}, "none", [], False),
        ({"opinion": "not_assessable", "fracture": "not_assessable"}, "not_assessable", [], False),
        ({"fracture": "certain", "agrees": False}, "certain", [], False),
    ],
)
def test_the_older_word_means_what_it_meant(sign, case, sent, fracture, classes, agrees):
    answer = sign(**sent, prediction=str(case.deciding_prediction_id))
    assert answer.status_code == 201, answer.json()
    review = Review.objects.get()
    assert (review.fracture, review.classes, review.agrees) == (fracture, classes, agrees)
    assert answer.json()["opinion"] == sent.get("opinion", "agree" if agrees else "other_class")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"opinion": "no_fracture", "fracture": "certain"}, "contradiction"),
        ({"opinion": "other_class", "fracture": "none"}, "contradiction"),
        ({"opinion": "not_assessable", "agrees": True}, "contradiction"),
        ({"opinion": "other_class", "classes": ["oblique"], "agrees": True}, "contradiction"),
        ({"opinion": "agree", "agrees": False, "fracture": "certain"}, "contradiction"),
        ({"opinion": "agree", "fracture": "none"}, "contradiction"),
        ({"opinion": "agree", "classes": ["spiral"]}, "class_not_meant"),
        ({"opinion": "other_class"}, "class_missing"),
        ({"fracture": "none", "places": [PLACE]}, "detail_not_meant"),
        ({"fracture": "certain", "places": [{**PLACE, "image": 2}]}, "bad_place"),
    ],
)
def test_a_contradiction_is_refused_in_plain_words(sign, case, sent, code):
    answer = sign(**sent, prediction=str(case.deciding_prediction_id))
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "place",
    [
        {**PLACE, "x": 1.5},
        {**PLACE, "x": "left"},
        {**PLACE, "image": 0},
        {"x": 0.5, "y": 0.5},
        {**PLACE, "z": 1},
    ],
)
def test_what_is_no_place_names_the_field(sign, place):
    answer = sign(fracture="certain", places=[place])
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {"places"}
