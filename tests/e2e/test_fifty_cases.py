"""Fifty mixed cases read one after the other by keys alone, as a reader of a morning would."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.ready import is_ready
from tests.e2e.test_first_light import sign_in
from tests.factories import make_case, make_release
from triage.models import Case, Review
from triage.review.opinion import GivenOpinion, given_in
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]
MANY, FEW = 50, 12  # in the short form every sort once, and two again


@dataclass(frozen=True)
class Sort:
    """One sort of case: how it is made, the keys that are pressed on it, and what is signed then."""

    keys: tuple[str, ...]
    said: GivenOpinion
    state: CaseState = CaseState.PREDICTED
    made: dict[str, Any] = field(default_factory=dict)


SORTS = (
    Sort(("a",), GivenOpinion("certain", ("spiral",), agrees=True)),
    Sort(
        ("1", "Shift+O", "Shift+C", "d", "o", "o"),
        GivenOpinion("certain", ("comminuted", "oblique"), displaced=True, old=False),
    ),
    Sort(
        ("2", "Shift+H"),
        GivenOpinion("possible", ("hairline",)),
        made={"finding": {"call": "doubt"}},
    ),
    # What the model says can't be agreed with: the key changes nothing, and the reader answers themselves.
    Sort(("a", "3"), GivenOpinion("none"), made={"finding": {"call": "doubt"}}),
    Sort(("a",), GivenOpinion("none", agrees=True), made={"finding": {"call": "negative"}}),
    Sort(
        ("Shift+D",),
        GivenOpinion("certain", ("fracture_dislocation",)),
        made={"finding": {"call": "negative"}},
    ),
    Sort(
        ("a",), GivenOpinion("not_assessable", agrees=True), made={"finding": {"assessable": False}}
    ),
    Sort(("4",), GivenOpinion("not_assessable"), CaseState.FAILED),
    Sort(("1", "2"), GivenOpinion("possible"), CaseState.RECEIVED),
    # Two views: look at the other one, agree, and say more.
    Sort(
        (".", "a", "d", "d"),
        GivenOpinion("certain", ("spiral",), displaced=False, agrees=True),
        made={"images": 2},
    ),
)


def written(page: Page, words: str) -> None:
    """A comment: the key goes to the field, Ctrl+Enter signs out of it and goes on."""
    page.keyboard.press("t")
    page.keyboard.type(words)


@pytest.mark.parametrize("width", [1440, 390])
def test_fifty_mixed_cases_are_read_by_keys_alone(web_site, page, whole_form, width):
    make_release()
    cases = MANY if whole_form else FEW
    sorts = {}
    for number in range(cases):
        sort = SORTS[number % len(SORTS)]
        case = make_case(
            web_site.site, web_site.people.clinician, sort.state, top="spiral", **sort.made
        )
        sorts[str(case.pk)] = sort
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, web_site.url, web_site.people.reviewer.email)
    page.goto(f"{web_site.url}/")
    page.keyboard.press("n")
    page.wait_for_url("**/cases/*/**")
    commented = set()
    for number in range(cases):
        here = page.url.split("/cases/")[1].split("/")[0]
        for key in sorts[here].keys:
            page.keyboard.press(key)
        if number % 10 == 9:
            written(page, "Read by keys.")
            commented.add(here)
        is_ready(page)
        with page.expect_navigation():
            page.keyboard.press("Control+Enter" if here in commented else "s")
    expect(page.get_by_text("No case in this view is free for you now.")).to_be_visible()
    assert not Case.objects.open().exists()
    signed = {str(review.case_id): given_in(review) for review in Review.objects.all()}
    wanted = {
        pk: GivenOpinion(
            **{**vars(sort.said), "comment": "Read by keys." if pk in commented else ""}
        )
        for pk, sort in sorts.items()
    }
    assert signed == wanted
