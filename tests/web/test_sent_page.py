"""Sent by me: the state of each case, what was signed, and what is new."""

import re
from importlib import import_module
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from accounts.services.people import end_membership
from tests.factories import make_case, make_member
from tests.pages import flat
from triage.disclosure import disclosure_for
from triage.models import NewAnswer, ReadingRules, SentLook
from triage.report import sent
from triage.report.ready_lists import ready_lists
from triage.report.sent import mark_seen, new_answers, sent_cases
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


def text(client, person):
    client.force_login(person)
    page = flat(client.get(reverse("sent")).content.decode())
    return page.split("<dialog")[0]  # the help names every type


def shown(page):
    """Ids of the answers that the page's form says are seen."""
    return re.findall(r'name="review" value="([^"]*)"', page)


def see(client, page):
    return client.post(reverse("sent_seen"), {"review": shown(page)}, follow=True)


def counts(person):
    """Of the lists "Sent by me" and "New answers"."""
    lists = ready_lists(person, disclosure_for(person))
    return tuple(row.count for row in lists if row.ready.name in ("sent", "new_answers"))


def test_only_ones_own_cases_with_state_and_opinion(site, people, client):
    signed = make_case(site, people.clinician)
    open_ = make_case(site, people.clinician)
    others = make_case(site, people.clinician2)
    sign(case=signed, reader=people.reviewer, given=GivenOpinion("certain", ("spiral",)))
    page = text(client, people.clinician)
    for case in (signed, open_):
        assert case.accession_number in page
    assert others.accession_number not in page
    assert page.count("Fracture, certain: spiral.") == 2, "As new, and among all."
    assert "Fracture, certain: spiral." not in text(client, people.clinician2)
    assert reverse("case_report", args=[signed.pk]) in page
    assert reverse("case_report", args=[open_.pk]) not in page
    assert "Oblique" not in page, "What the model says is not what was signed."


def new_to(person):
    """The accession numbers of new answers: in the part of its own, and in the list."""
    own = [row.case.accession_number for row in new_answers(person).cases]
    listed = {row.case.accession_number for row in sent_cases(person).cases if row.is_new}
    assert listed <= set(own)
    return own


def marks_of(person):
    """Which opinions are marked as new: the front page counts them, "seen" takes them away by id."""
    return list(NewAnswer.objects.of(person).order_by("review").values_list("review", flat=True))


def signed(site, people, name, state=CaseState.PREDICTED, **given):
    case = make_case(site, people.clinician, state, accession_number=name)
    return sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))


def test_what_was_signed_is_new_until_the_person_has_seen_it(site, people, client):
    review = signed(site, people, "A-1")
    page = text(client, people.clinician)
    assert page.count(">new<") == 2, "In the part of its own, and in the list of all."
    see(client, page)
    assert ">new<" not in text(client, people.clinician)
    correct(review=review, reader=people.reviewer, given=GivenOpinion("possible"))
    page = text(client, people.clinician)
    assert ">new<" in page and "Fracture, possible" in page


def test_an_answer_that_no_page_has_shown_stays_new(site, people, client, monkeypatch):
    """The oldest case is answered first: its row is on the second page, and others were answered later."""
    monkeypatch.setattr(sent, "PAGE", 2)
    for name in ("A-1", "A-2", "A-3"):
        signed(site, people, name)
    page = text(client, people.clinician)
    assert len(shown(page)) == 2 and "There are more than these 2." in page
    see(client, page)
    assert new_to(people.clinician) == ["A-1"]
    assert '<section class="panel" id="new-answers"' in text(client, people.clinician)
    second = sent_cases(people.clinician, before=sent_cases(people.clinician).next)
    assert [row.is_new for row in second.cases] == [True]
    see(client, text(client, people.clinician))
    assert new_to(people.clinician) == []


def test_what_came_after_the_page_was_made_is_still_new(site, people, client):
    review = signed(site, people, "A-1")
    page = text(client, people.clinician)
    correct(review=review, reader=people.reviewer, given=GivenOpinion("possible"))
    signed(site, people, "A-2")
    for _ in range(2):  # a tab that was open longer says it again
        see(client, page)
        assert new_to(people.clinician) == ["A-2", "A-1"]
    see(client, text(client, people.clinician))
    see(client, page)
    assert new_to(people.clinician) == []


def test_a_third_reader_s_opinion_is_the_answer(site, people):
    """The one before it was none: the case was not closed."""
    case = make_case(site, people.clinician, accession_number="A-1")
    ReadingRules.objects.create(site=site, third_model_percent=80)
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    case.refresh_from_db()
    assert case.state == CaseState.THIRD
    assert marks_of(people.clinician) == new_to(people.clinician) == []
    third = make_member(site, Role.REVIEWER)
    last = sign(case=case, reader=third, given=GivenOpinion("certain"))
    assert [row.review for row in new_answers(people.clinician).cases] == [last]
    assert marks_of(people.clinician) == [last.pk]


@pytest.mark.parametrize("said", [[], ["soon"], [str(UUID(int=n)) for n in range(sent.PAGE + 1)]])
def test_what_no_page_says_marks_nothing(site, people, client, said):
    signed(site, people, "A-1")
    client.force_login(people.clinician)
    answer = client.post(reverse("sent_seen"), {"review": said}, follow=True)
    assert 'class="notice error"' in answer.content.decode()
    assert new_to(people.clinician) == ["A-1"]


def test_nobody_marks_what_is_new_to_somebody_else(site, people, client):
    review = signed(site, people, "A-1")
    for person in (people.clinician2, people.reviewer, people.stranger):
        mark_seen(person, [review.pk])
    assert new_to(people.clinician) == ["A-1"]
    assert new_to(people.clinician2) == []


def test_who_left_the_site_has_nothing_new_there(site, people):
    signed(site, people, "A-1")
    membership = Membership.objects.get(user=people.clinician)
    end_membership(membership=membership, actor=people.admin)
    assert new_to(people.clinician) == []


def test_an_upgrade_keeps_what_was_seen_before(site, people):
    """Who had looked has new what came since; who never said so has not everything new at once."""
    fill = import_module("triage.migrations.0072_new_answers_of_before").FILL
    old = signed(site, people, "A-1")
    before = signed(site, people, "A-2")
    after = correct(review=before, reader=people.reviewer, given=GivenOpinion("possible"))
    third = read_by_three(
        make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True), people
    )
    SentLook.objects.create(user=people.clinician, looked_at=old.signed_at)
    other = make_case(site, people.clinician2)
    sign(case=other, reader=people.reviewer, given=GivenOpinion("none"))
    NewAnswer.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(fill)
    assert marks_of(people.clinician) == [after.pk, third.pk]
    assert marks_of(people.clinician2) == []


def read_by_three(case, people):
    """A first reading, a final opinion that differs from it, and the third, which is returned."""
    ReadingRules.objects.create(site=case.site, third_if_first_differs=True)
    lock_first_reading(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    sign(case=case, reader=people.reviewer, given=GivenOpinion("certain"))
    case.refresh_from_db()
    third = make_member(case.site, Role.REVIEWER)
    return sign(case=case, reader=third, given=GivenOpinion("certain"))


def test_the_front_page_counts_what_is_new(site, people, client):
    """Above the lists, and as a list of its own."""

    def front():
        client.force_login(people.clinician)
        return flat(client.get("/").content.decode())

    review = signed(site, people, "A-1")
    make_case(site, people.clinician)
    assert counts(people.clinician) == (2, 1)
    assert "1 new answer to a case that you sent" in front()
    mark_seen(people.clinician, [review.pk])
    assert counts(people.clinician) == (2, 0)
    assert 'id="front-answers"' not in front()


def test_an_answer_that_is_hidden_is_a_row_to_mark(site, people, client, settings):
    """What is counted is what the page shows, and what can be marked."""
    review = signed(site, people, "A-1")
    person = people.clinician
    type(person).objects.filter(pk=person.pk).update(name="Rita Clinician")
    person.refresh_from_db()
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    (row,) = sent_cases(person).cases
    assert (row.opinion, row.review, row.is_new) == ("", None, True)
    assert counts(person) == (1, len(new_answers(person).cases)) == (1, 1)
    page = text(client, person)
    assert "Signed. You may not see it yet." in page and "No fracture" not in page
    assert shown(page) == [str(review.pk)]
    (said,) = client.get(reverse("api_sent_new")).json()["results"]
    assert (said["review"], said["signed_at"], said["opinion"]) == (str(review.pk), None, "")
    see(client, page)
    assert counts(person) == (1, len(new_answers(person).cases)) == (1, 0)


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
        signed(site, people, "")
    for cases in (sent_cases, new_answers):
        with django_assert_max_num_queries(6):
            rows = cases(people.clinician).cases
            assert [row.opinion for row in rows if row.case.heading] == ["No fracture."] * 3


def test_an_address_that_names_no_case_is_not_there(people, client):
    client.force_login(people.clinician)
    assert client.get(reverse("sent"), {"before": "x"}).status_code == 404
