"""Sent by me: the state of each case, what was signed, and what is new."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_case
from tests.pages import flat
from triage.report import sent
from triage.report.sent import mark_seen, sent_cases
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


def text(client, person):
    client.force_login(person)
    page = flat(client.get(reverse("sent")).content.decode())
    return page.split("<dialog")[0]  # the help names every type


def until(page):
    return re.search(r'name="until" value="([^"]*)"', page)[1]


def test_only_ones_own_cases_with_state_and_opinion(site, people, client):
    signed = make_case(site, people.clinician)
    open_ = make_case(site, people.clinician)
    others = make_case(site, people.clinician2)
    sign(case=signed, reader=people.reviewer, given=GivenOpinion("certain", ("spiral",)))
    page = text(client, people.clinician)
    for case in (signed, open_):
        assert case.accession_number in page
    assert others.accession_number not in page
    assert page.count("Fracture, certain: spiral.") == 1
    assert reverse("case_report", args=[signed.pk]) in page
    assert reverse("case_report", args=[open_.pk]) not in page
    assert "Oblique" not in page, "What the model says is not what was signed."


def test_what_was_signed_is_new_until_the_person_has_seen_it(site, people, client):
    case = make_case(site, people.clinician)
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    page = text(client, people.clinician)
    assert ">new<" in page
    client.post(reverse("sent_seen"), {"until": until(page)})
    assert ">new<" not in text(client, people.clinician)
    correct(review=review, reader=people.reviewer, given=GivenOpinion("possible"))
    page = text(client, people.clinician)
    assert ">new<" in page and "Fracture, possible" in page


def test_what_came_after_the_page_was_made_is_still_new(site, people, client):
    cases = [make_case(site, people.clinician) for _ in range(3)]
    sign(case=cases[0], reader=people.reviewer, given=GivenOpinion("none"))
    page = text(client, people.clinician)
    older = until(page)
    sign(case=cases[1], reader=people.reviewer, given=GivenOpinion("certain"))
    for _ in range(2):
        client.post(reverse("sent_seen"), {"until": older})
        assert [row.is_new for row in sent_cases(people.clinician).cases] == [False, True, False]
    client.post(reverse("sent_seen"), {"until": until(text(client, people.clinician))})
    client.post(reverse("sent_seen"), {"until": older})  # of a tab that was open longer
    assert not any(row.is_new for row in sent_cases(people.clinician).cases)


@pytest.mark.parametrize(
    "said", ["", "soon", "2026-13-45T00:00:00Z", "2026-01-01", "2999-01-01T00:00:00Z"]
)
def test_a_time_that_no_page_says_marks_nothing(site, people, client, said):
    sign(case=make_case(site, people.clinician), reader=people.reviewer, given=GivenOpinion("none"))
    client.force_login(people.clinician)
    answer = client.post(reverse("sent_seen"), {"until": said}, follow=True)
    assert "Look at the list again." in answer.content.decode()
    assert [row.is_new for row in sent_cases(people.clinician).cases] == [True]


def test_the_looks_of_two_people_are_their_own(site, people):
    for sender in (people.clinician, people.clinician2):
        case = make_case(site, sender)
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    mark_seen(people.clinician, timezone.now())
    assert [row.is_new for row in sent_cases(people.clinician).cases] == [False]
    assert [row.is_new for row in sent_cases(people.clinician2).cases] == [True]


def test_who_may_not_know_it_yet_sees_no_opinion(site, people, settings):
    sign(case=make_case(site, people.clinician), reader=people.reviewer, given=GivenOpinion("none"))
    people.clinician.name = "Rita Clinician"
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    (row,) = sent_cases(people.clinician).cases
    assert (row.opinion, row.is_new) == ("", False)


def test_pages_follow_each_other_without_a_gap(site, people, monkeypatch):
    monkeypatch.setattr(sent, "PAGE", 2)
    made = [make_case(site, people.clinician, CaseState.RECEIVED) for _ in range(5)]
    seen, before = [], None
    while True:
        page = sent_cases(people.clinician, before)
        seen += [row.case.pk for row in page.cases]
        before = page.next
        if before is None:
            break
    assert seen == [case.pk for case in reversed(made)]


def test_a_page_asks_a_fixed_number_of_queries(site, people, django_assert_max_num_queries):
    for _ in range(3):
        case = make_case(site, people.clinician)
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    with django_assert_max_num_queries(6):
        assert [row.opinion for row in sent_cases(people.clinician).cases] == ["No fracture."] * 3


def test_an_address_that_names_no_case_is_not_there(people, client):
    client.force_login(people.clinician)
    assert client.get(reverse("sent"), {"before": "x"}).status_code == 404
