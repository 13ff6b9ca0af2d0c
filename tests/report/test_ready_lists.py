"""Ready lists: each counts what its list shows, all in one statement, and no further than 1,000."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from tests.disclosure.test_blind import read_by_the_model
from tests.factories import make_call_back, make_case
from tests.pages import flat
from tests.readers import sign_as_shown
from triage.disclosure import disclosure_for
from triage.models import Case, Reading
from triage.report import ready_lists as module
from triage.report.call_backs import close_call_back
from triage.report.ready_lists import READY_LISTS, ready_lists
from triage.review.claims import claim
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import sign
from triage.stamps import stamp_of
from triage.states import CaseState
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def cases(site, people):
    """Of each list at least one: the counts of the reviewer are those of ``WANTED``."""
    late = timezone.now() - timedelta(hours=2)
    sender = people.clinician
    overdue = {"received_at": late, "due_at": late + timedelta(hours=1)}
    make_case(site, sender, **overdue)
    make_case(site, sender, finding={"call": "doubt"})
    make_case(site, sender, CaseState.FAILED)
    # Late too: nobody waits less for a third reader.
    make_case(site, sender, CaseState.THIRD, third_because=["first"], **overdue)
    make_case(site, people.reviewer, finding={"call": "negative"})
    claim(case=make_case(site, sender, finding={"call": "negative"}), reader=people.reviewer)
    claim(case=make_case(site, sender, finding={"call": "negative"}), reader=people.clinician2)
    for reader in (people.reviewer, people.clinician2):
        sign(case=make_case(site, sender), reader=reader, given=GivenOpinion("none"))


WANTED = {"next": 3, "to_read": 6, "suspected": 1, "in_doubt": 1, "late": 2, "failed": 1}
WANTED |= {"third": 1, "held": 1, "read_today": 1, "call_back": 0}
WANTED |= {"read_today_third": 0}


def counted(person):
    return ready_lists(person, disclosure_for(person))


def counts(person):
    return {entry.ready.name: entry.count for entry in counted(person)}


def test_a_list_counts_what_its_view_shows(cases, people):
    assert counts(people.reviewer) == WANTED
    for entry in counted(people.reviewer):
        shown = len(entry.view.page(people.reviewer).cases) if entry.view else 0
        assert shown == entry.count, entry.ready.name
        assert not entry.is_more
    assert {entry.count for entry in counted(people.stranger)} == {0}


def test_a_view_s_count_is_of_the_view_whatever_it_asks(cases, people):
    """Not of the ready ones alone: a count has no rule of its own."""
    sortable = disclosure_for(people.reviewer).sortable
    for text in (
        *("", "call=positive&call=doubt", "priority=routine&late=1", "state=third&state=failed"),
        *("mine=1&call=negative", "free=1&state=third", "state=reviewed", "state=withdrawn"),
        *("read_today=1", "state=third&read_today=1", "state=third&state=failed&read_today=1"),
        *("state=reviewed&from=2020-01-01&to=2090-01-01", "free=1&state=reviewed"),
    ):
        view = WorklistQuery.from_params(QueryDict(text))
        shown = {case.pk for case in view.page(people.reviewer).cases}
        assert {case.pk for case in view.cases(people.reviewer, sortable)} == shown, text


def test_what_i_signed_today_and_a_third_reader_is_asked_for_is_a_list(
    site, people, client, monkeypatch
):
    """Of those who signed it alone: who locked a first reading only, and who sent it, have nothing there."""
    set_reading_rules(site=site, actor=people.admin, blind_percent=0, third_model_percent=80)
    blind = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(blind, top="spiral", confidence=0.9)
    lock_first_reading(case=blind, reader=people.clinician2, given=GivenOpinion("certain"))
    Reading.objects.update(claimed_until="2026-01-01T00:00:00Z")
    lock_first_reading(case=blind, reader=people.reviewer, given=GivenOpinion("none"))
    sign_as_shown(blind, people.reviewer, GivenOpinion("none"))
    usual, other = (make_case(site, people.clinician) for _ in range(2))
    for case in (usual, other):
        sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    assert Case.objects.filter(state=CaseState.THIRD).count() == 3
    client.force_login(people.reviewer)
    rows = client.get("/api/v1/worklist?state=third&read_today=1").json()["results"]
    assert {row["id"] for row in rows} == {str(blind.pk), str(usual.pk), str(other.pk)}
    assert counts(people.reviewer)["read_today_third"] == 3
    for person in (people.clinician, people.clinician2):
        assert counts(person)["read_today_third"] == 0
    sign(case=usual, reader=people.clinician2, given=GivenOpinion("certain"))
    found = counts(people.reviewer)
    assert (found["read_today_third"], found["read_today"]) == (2, 1)
    tomorrow = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr("triage.worklist.of_reader.beginning_of", lambda day: tomorrow)
    assert counts(people.reviewer)["read_today_third"] == 0


def test_who_sends_finds_what_they_sent_and_whom_to_call_back(cases, site, people, client):
    """The same rows as the two pages; who sends nothing has no list of it."""
    call_back = make_call_back(make_case(site, people.clinician, CaseState.REVIEWED))
    found = counts(people.clinician)
    assert (found["sent"], found["call_back"]) == (9, 1)
    assert "sent" not in counts(people.reviewer)
    client.force_login(people.clinician)
    assert len(client.get(reverse("sent")).context["rows"]) == 9
    before = stamp_of([site.pk])
    close_call_back(
        call_back=call_back,
        actor=people.clinician,
        outcome="informed",
        review_id=call_back.review_id,
    )
    assert counts(people.clinician)["call_back"] == 0
    assert stamp_of([site.pk]) != before  # an open worklist asks again


def test_they_cost_two_statements(cases, people, django_assert_num_queries):
    """The person's roles, and all counts."""
    disclosure = disclosure_for(people.reviewer)
    with django_assert_num_queries(2):
        ready_lists(people.reviewer, disclosure)


def test_a_poll_that_finds_nothing_new_counts_nothing(cases, people, client, monkeypatch):
    client.force_login(people.reviewer)
    etag = client.get(reverse("worklist_live"))["ETag"]
    asked = []
    monkeypatch.setattr("triage.web.worklist.ready_lists", lambda *given: asked.append(given))
    answer = client.get(reverse("worklist_live"), headers={"If-None-Match": etag})
    assert (answer.status_code, asked) == (304, [])


def test_the_page_links_each_list(cases, people, client):
    client.force_login(people.clinician)
    page = flat(client.get("/").content.decode()).split('id="ready"')[1].split("</nav>")[0]
    assert page.count("<a ") == len(READY_LISTS)
    for words in (
        "Third reading",
        "Sent by me",
        "For me to call back",
        reverse("sent"),
        "?state=third",
    ):
        assert words in page
    assert page.count('aria-current="true"') == 1


def test_rest_gives_the_same_lists_and_where_they_are(cases, people, client):
    client.force_login(people.clinician)
    rows = client.get(reverse("api_ready_lists")).json()["results"]
    assert {row["name"]: row["count"] for row in rows} == counts(people.clinician)
    for row in rows:
        shown = client.get(row["address"]).json()["results"]
        assert len(shown) == row["count"], row
    by_name = {row["name"]: row for row in rows}
    assert by_name["third"]["params"] == "state=third"
    assert (by_name["to_read"]["params"], by_name["sent"]["params"]) == ("", None)
    assert not any(row["has_more"] for row in rows)


def test_they_count_no_further_than_the_cap(cases, people, monkeypatch):
    monkeypatch.setattr(module, "MOST_COUNTED", 3)
    found = {entry.ready.name: (entry.count, entry.is_more) for entry in counted(people.reviewer)}
    assert (found["to_read"], found["next"], found["late"]) == ((3, True), (3, False), (2, False))
