"""Next, and Sign and next, on the pages: where they lead, and that a second press does nothing."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import pages
from tests.factories import make_case
from triage.models import Reading, Review, SavedView, Skip
from triage.review.claims import claim
from triage.vocabulary import Priority
from triage.worklist import position

pytestmark = pytest.mark.usefixtures("storage")
CLEAR = {"fracture": "none", "comment": "Clear."}
NEXT = "/next/"
UUID = "[0-9a-f-]{36}"


def due(hours):
    return timezone.now() + timedelta(hours=hours)


@pytest.fixture
def cases(site, people):
    return [make_case(site, people.clinician, due_at=due(hours)) for hours in (1, 2, 3)]


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def at(case, name="case"):
    return reverse(name, args=[case.pk])


def page(answer):
    return answer.content.decode()


def flat(answer):
    return pages.flat(page(answer))


def hidden(html, name):
    return re.search(f'name="{name}" value="([^"]*)"', html)[1].replace("&amp;", "&")


def test_next_opens_the_most_urgent_case_and_holds_it(reader, people, cases):
    answer = reader.post(NEXT, {}, follow=True)
    assert answer.redirect_chain == [(at(cases[0]), 302)]
    assert "Claimed by me" in page(answer)
    answer = reader.post(NEXT, {"case": str(cases[0].pk)})
    assert answer["Location"] == at(cases[1])


def test_the_view_goes_along(reader, site, people, cases):
    stat = [
        make_case(site, people.clinician, due_at=due(hours), priority=Priority.STAT)
        for hours in (8, 9)
    ]
    listed = page(reader.get("/?priority=stat&sort=waiting"))
    link = re.search(rf'href="({at(stat[1])}[^"]*)"', listed)[1]
    opened = page(reader.get(link))
    assert hidden(opened, "view") == "sort=waiting&priority=stat"
    assert f'href="/?sort=waiting&amp;priority=stat#case-{stat[1].pk}"' in opened
    answer = reader.post(NEXT, {"view": hidden(opened, "view")})
    where = urlsplit(answer["Location"])
    assert where.path == at(stat[0])
    assert parse_qs(where.query) == {"view": ["sort=waiting&priority=stat"]}
    for name in ("case_claim", "case_give_back"):
        answer = reader.post(at(stat[1], name), {"view": "priority=stat"})
        assert answer["Location"] == f"{at(stat[1])}?view=priority%3Dstat"


def test_where_nothing_is_free_the_first_view_and_the_list_are_offered(reader, people, cases):
    for case in cases:
        claim(case=case, reader=people.clinician2)
    answer = reader.post(NEXT, {}, follow=True)
    assert answer.redirect_chain == [("/?sort=deadline", 302)]
    assert "Others hold what is listed here, or you have sent or skipped it." in flat(answer)
    SavedView.objects.create(person=people.reviewer, name="Late", params="late=1", is_default=True)
    shown = flat(reader.post(NEXT, {"view": "priority=stat"}, follow=True))
    for address in ("late=1", "sort=deadline"):
        assert re.search(rf'role="status"> <p>.*<a href="/\?{address}">Go to .*</p>', shown)
    assert 'href="/?late=1">Go to' not in flat(reader.post(NEXT, {"view": "late=1"}, follow=True))


def links_to_cases(html):
    """Addresses of cases on a case's page, apart from those of acts."""
    found = re.findall(r'href="(/cases/[^"]*)"', html.replace("&amp;", "&"))
    return [link for link in found if re.match(rf"/cases/{UUID}/(report/)?($|\?)", link)]


def test_every_link_of_a_case_keeps_the_view(reader, site, people):
    """Its pictures, earlier cases, the report, and the panel that is fetched anew."""
    patient = {"patient_reference": "P-77"}
    make_case(site, people.clinician, **patient)
    case = make_case(site, people.clinician, images=2, **patient)
    reader.post(at(case, "case_review"), CLEAR)
    view = {"view": "sort=waiting&priority=stat"}
    for answer in (reader.get(at(case), view), reader.get(at(case, "case_model_output"), view)):
        links = links_to_cases(page(answer))
        assert links
        assert [parse_qs(urlsplit(link).query).get("view") for link in links] == [
            [view["view"]]
        ] * len(links)
    report = reader.get(at(case, "case_report"), view)
    assert any("view=sort" in link for link in links_to_cases(page(report)))
    whole = page(reader.get(at(case), view))
    assert 'data-view="&amp;view=sort%3Dwaiting%26priority%3Dstat"' in whole
    assert {f"{at(case)}?image={n}&view={quote_plus(view['view'])}" for n in (1, 2)} <= set(
        links_to_cases(whole)
    )


TOO_LONG = "&".join(["priority=stat"] * 200)  # of which the first would do


@pytest.mark.parametrize("view", ["sort=none", "\0", TOO_LONG, "cursor=abc", "priority=%ff"])
def test_a_damaged_view_is_the_whole_worklist(reader, cases, view):
    assert reader.get(at(cases[0]), {"view": view}).status_code == 200
    assert reader.post(NEXT, {"view": view})["Location"] == at(cases[0])


def test_an_empty_view_says_so(reader, cases):
    answer = reader.post(NEXT, {"view": "priority=stat"}, follow=True)
    assert answer.redirect_chain == [("/?priority=stat", 302)]
    assert "No case in this view is free for you now." in page(answer)
    assert '<a href="/?sort=deadline">Go to the whole list</a>' in page(answer)
    assert "Go to your first view" not in page(answer)


def test_too_many_claims_are_refused_with_the_way_to_them(reader, people, cases, settings):
    settings.CALLUS_CLAIMS_PER_READER = 1
    claim(case=cases[0], reader=people.reviewer)
    answer = reader.post(NEXT, {"case": str(cases[1].pk)}, follow=True)
    assert answer.redirect_chain == [(at(cases[1]), 302)]
    assert cases[0].name in page(answer) and 'href="/?mine=1"' in page(answer)


def test_next_pressed_twice_takes_one_case(reader, cases):
    once = hidden(page(reader.get("/")), "once")
    places = {reader.post(NEXT, {"once": once})["Location"] for _ in range(2)}
    assert places == {at(cases[0])}
    assert Reading.objects.count() == 1
    # After Back, once that case is signed, the same button takes another one.
    reader.post(at(cases[0], "case_review"), CLEAR)
    assert reader.post(NEXT, {"once": once})["Location"] == at(cases[1])


def test_sign_and_next_is_one_act_however_often_it_is_sent(reader, people, cases):
    once = hidden(page(reader.get(at(cases[0]))), "once")
    form = {**CLEAR, "then": "next", "once": once}
    places = [reader.post(at(cases[0], "case_review"), form)["Location"] for _ in range(2)]
    assert places == [at(cases[1])] * 2
    shown = page(reader.get(places[0]))
    assert shown.count("Signed.") == 1
    named = f'<a href="{at(cases[0])}">{cases[0].called}: No fracture</a>'
    assert f"<span>Signed.</span> {named}" in shown  # and not of the case that is shown
    assert "Claimed by me" in shown
    assert Review.objects.count() == 1
    assert Reading.objects.going_on().get().case == cases[1]


def test_another_opinion_under_the_same_page_is_another_act(reader, cases):
    once = hidden(page(reader.get(at(cases[0]))), "once")
    form = {**CLEAR, "then": "next", "once": once}
    reader.post(at(cases[0], "case_review"), form)
    answer = reader.post(at(cases[0], "case_review"), {**form, "comment": "No, it is broken."})
    assert answer.status_code == 409
    assert "What you wrote was not signed" in page(answer)
    assert Reading.objects.going_on().count() == 1


def test_the_last_case_is_signed_and_the_list_says_that_none_is_left(reader, cases):
    for case in cases[1:]:
        reader.post(at(case, "case_review"), CLEAR)
    form = {**CLEAR, "then": "next", "view": "sort=waiting"}
    reader.get("/")
    answer = reader.post(at(cases[0], "case_review"), form, follow=True)
    assert answer.redirect_chain == [("/?sort=waiting", 302)]
    assert "Signed." in page(answer)
    assert "No case in this view is free for you now." in page(answer)
    assert Review.objects.count() == 3


def test_a_signature_stays_when_no_further_case_may_be_held(reader, people, cases, settings):
    settings.CALLUS_CLAIMS_PER_READER = 1
    claim(case=cases[1], reader=people.reviewer)
    answer = reader.post(at(cases[0], "case_review"), {**CLEAR, "then": "next"}, follow=True)
    assert answer.redirect_chain == [(at(cases[0]), 302)]
    assert "Signed." in page(answer) and cases[1].name in page(answer)
    assert Review.objects.count() == 1


def test_sign_alone_stays_on_the_case(reader, cases):
    answer = reader.post(at(cases[0], "case_review"), {**CLEAR, "then": "stay"})
    assert answer["Location"] == at(cases[0])
    assert not Reading.objects.going_on().exists()


def test_skip_goes_on_and_leaves_the_case_to_others(reader, people, cases):
    claim(case=cases[0], reader=people.reviewer)
    form = {"reason": "Hard", "once": hidden(page(reader.get(at(cases[0]))), "once")}
    places = [reader.post(at(cases[0], "case_skip"), form)["Location"] for _ in range(2)]
    assert places == [at(cases[1])] * 2
    assert Skip.objects.count() == 1
    assert "Skipped." in page(reader.get(places[0]))
    assert [reading.case for reading in Reading.objects.going_on()] == [cases[1]]
    assert reader.post(NEXT, {"case": str(cases[1].pk)})["Location"] == at(cases[2])


def test_the_page_says_where_the_case_stands_in_its_view(reader, site, people, cases):
    make_case(site, people.clinician, due_at=due(9), priority=Priority.STAT)
    assert "2 of 4" in flat(reader.get(at(cases[1])))
    assert "3 of 3" in flat(reader.get(at(cases[0]), {"view": "priority=routine&order=desc"}))
    assert "of 1" not in flat(reader.get(at(cases[1]), {"view": "priority=stat"}))


def test_a_long_view_is_not_counted_to_its_end(reader, cases, monkeypatch):
    monkeypatch.setattr(position, "MOST", 2)
    assert "2 of 2+" in flat(reader.get(at(cases[1])))
    assert "of 2+" not in flat(reader.get(at(cases[2])))


def test_previous_goes_back_through_what_one_has_signed(reader, cases):
    for case in cases[:2]:
        reader.post(at(case, "case_review"), CLEAR)
    shown = [page(reader.get(at(case), {"view": "sort=waiting"})) for case in cases]
    link = 'href="{}?view=sort%3Dwaiting" data-act="previous"'
    assert link.format(at(cases[1])) in shown[2]
    assert link.format(at(cases[0])) in shown[1]
    assert 'data-act="previous"' not in shown[0]


def test_who_begins_to_write_claims_the_case(reader, people, cases):
    answer = reader.post(at(cases[0], "case_begin"))
    assert answer.status_code == 200 and 'id="lease"' in page(answer)
    assert answer["X-Callus-Part"] == "1"
    assert Reading.objects.going_on().get().reader == people.reviewer
    claim(case=cases[1], reader=people.clinician2)
    answer = reader.post(at(cases[1], "case_begin"))
    assert answer.status_code == 409 and "is reading this case" in page(answer)
