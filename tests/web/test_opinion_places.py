"""Where a reader drew the fracture: kept by the form, drawn and said of a signed case."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

pytestmark = pytest.mark.usefixtures("storage")
BOX = {"image": 2, "x": 0.25, "y": 0.5, "width": 0.125, "height": 0.25}
POINT = {"image": 2, "x": 0.75, "y": 0.5, "width": 0, "height": 0}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician, images=2)


@pytest.fixture
def page(client, people, case):
    client.force_login(people.reviewer)
    return lambda: client.get(reverse("case", args=[case.pk])).text


def drawn(page: str) -> list[str]:
    return re.findall(r'class="measures signed-places" data-of-image="(\d)"', page)


def test_the_places_of_a_signed_opinion_are_drawn_on_their_picture_and_said(case, people, page):
    given = GivenOpinion("certain", places=(BOX, POINT))
    review = sign(case=case, reader=people.reviewer, given=given)
    shown = page()
    assert drawn(shown) == ["2"]
    assert 'x="25.000%" y="50.000%" width="12.500%" height="25.000%"' in shown
    assert "Drawn by the reader, dashed: box on picture 2, point on picture 2." in shown
    assert "&quot;x&quot;: 0.25" in shown  # a correction starts with them
    correct(review=review, reader=people.reviewer, given=GivenOpinion("certain"))
    assert drawn(page()) == []
    assert "Drawn by the reader" not in page()


def test_what_was_drawn_comes_back_with_a_refusal(case, people, client, page):
    page()
    form = {"fracture": "certain", "places": '[{"image": 2, "x": 2}]', "comment": "x"}
    answer = client.post(reverse("case_review", args=[case.pk]), form)
    assert answer.status_code == 400
    assert "A place does not lie on a picture of this case." in answer.text
    assert "<li>point on picture 2</li>" in answer.text
    form["places"] = "nonsense"
    assert client.post(reverse("case_review", args=[case.pk]), form).status_code == 400
