"""What stands above the picture, and what the model's panel says in words."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_case, make_release
from tests.pages import flat
from triage.states import CaseState

REFERENCE = "SECRET-REFERENCE"


def page_of(client, case) -> str:
    return flat(client.get(reverse("case", args=[case.pk])).text)


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def test_what_was_asked_stands_above_the_picture(site, people, reader):
    asked = {"clinical_question": "Scaphoid?", "age_band": "65+", "sex": "F", "side": "L"}
    page = page_of(reader, make_case(site, people.clinician, projection="PA", **asked))
    above = page[page.index('class="head"') : page.index('id="viewer"')]
    for said in ("Scaphoid?", "65 years or more, female", "Wrist, left, PA"):
        assert said in above
        assert page.count(said) == 1


def test_earlier_cases_of_the_patient_are_links(site, other_site, people, reader):
    def sent(place, sender, **fields):
        return make_case(place, sender, patient_reference=REFERENCE, **fields)

    elsewhere = sent(other_site, people.stranger)
    wrong = sent(site, people.clinician, state=CaseState.WITHDRAWN)
    earlier = [sent(site, people.clinician) for _ in range(6)]
    somebody = make_case(site, people.clinician, patient_reference="ANOTHER")
    case = sent(site, people.clinician)
    later = sent(site, people.clinician)
    page = page_of(reader, case)
    asked = page[page.index('class="asked"') : page.index('id="viewer"')]
    linked = re.findall(r'href="/cases/([^/]+)/"', asked)
    assert linked == [str(other.pk) for other in reversed(earlier[1:])]
    assert "and more" in asked
    assert not {str(other.pk) for other in (elsewhere, wrong, somebody, later)} & set(linked)
    # In its place among the facts, and nowhere else: no address, no title.
    assert page.count(REFERENCE) == 1
    assert f"<dd>{REFERENCE}</dd>" in page


def test_the_set_of_types_says_how_often_it_holds_and_where_that_was_measured(site, people, reader):
    metrics = {
        "types": {"pictures": 1723, "set_coverage": {"value": 0.905, "interval": [0.88, 0.92]}}
    }
    make_release(manifest={"call": {"usable": True}, "metrics": metrics})
    page = page_of(reader, make_case(site, people.clinician, top="spiral"))
    assert "In 9 of 10 pictures of a fracture the type is among those named, here: Spiral" in page
    assert "Measured on 1,723 pictures" in page and "training then: 90 in 100" in page
    make_release()
    assert "Not ruled out: Spiral" in page_of(
        reader, make_case(site, people.clinician, top="spiral")
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, True),
        ({"call": "doubt"}, True),
        ({"call": "negative"}, False),
        ({"assessable": False}, False),
    ],
)
def test_the_ten_bars_and_the_legend_of_the_map_are_only_where_there_is_a_type(
    site, people, reader, said, shown
):
    page = page_of(reader, make_case(site, people.clinician, finding=said))
    for part in ("All ten types", 'class="classes"', "map-legend", "Heat map: dark to bright"):
        assert (part in page) is shown, part
    assert "<details open" not in page  # the bars are there on demand


def test_a_drawn_picture_says_that_the_model_learnt_nothing_from_drawings(site, people, reader):
    said = "The model was not trained to see fractures in drawings"
    assert said in page_of(reader, make_case(site, people.clinician, is_synthetic=True))
    assert said not in page_of(reader, make_case(site, people.clinician))
