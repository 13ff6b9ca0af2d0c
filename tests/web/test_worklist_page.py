"""The worklist as a page: what it shows, to whom, and what it asks for again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Membership
from accounts.roles import Role
from tests.factories import make_case, make_membership, make_release, make_site
from tests.pages import flat
from triage.inference.health import beat
from triage.models import Case
from triage.review.claims import claim
from triage.states import CaseState
from triage.vocabulary import Priority

pytestmark = pytest.mark.usefixtures("storage")
LATE, SOON = "late</span>", "soon:"


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


def text(answer):
    return flat(answer.content.decode())


def test_a_row_shows_what_a_reader_needs(site, people, reader):
    case = make_case(site, people.clinician, top="spiral", confidence=0.83, priority=Priority.STAT)
    page = text(reader.get("/"))
    for words in (case.accession_number, "Spiral", "83 %", "Stat", "Wrist", "in 23 h"):
        assert words in page
    assert reverse("image", args=[case.first_image.pk, "thumbnail"]) in page


@pytest.mark.parametrize(
    ("said", "shown", "named"),
    [
        ({"assessable": False}, "Not assessable", False),
        ({"call": "negative"}, "No fracture seen", False),
        ({"call": "doubt"}, "In doubt", True),
        ({"call": "positive"}, "Fracture suspected", True),
    ],
)
def test_a_row_names_no_class_where_the_model_names_none(site, people, reader, said, shown, named):
    make_case(site, people.clinician, top="spiral", confidence=0.5123, finding=said)
    rows = text(reader.get("/")).split("<tbody>")[1].split("</tbody>")[0]
    assert shown in rows
    assert ("Spiral" in rows) == named
    assert ("51 %" in rows) == named


def test_the_list_can_be_narrowed_to_a_call_and_widened_again(site, people, reader):
    for call in ("positive", "negative"):
        make_case(site, people.clinician, accession_number=call, finding={"call": call})
    page = text(reader.get("/?finding=negative"))
    rows = page.split("<tbody>")[1]
    assert ("negative" in rows, "positive" in rows) == (True, False)
    assert 'value="negative" checked' in page
    chips = page.split('class="chips"')[1].split("</ul>")[0]
    assert "No fracture seen" in chips
    assert "finding" not in chips  # the chip's link is the view without it


@pytest.mark.parametrize(("gone", "word"), [(0.5, None), (0.8, SOON), (1.1, LATE)])
def test_a_deadline_warns_by_a_word(site, people, reader, gone, word):
    received = timezone.now() - timedelta(hours=10 * gone)
    make_case(site, people.clinician, received_at=received, due_at=received + timedelta(hours=10))
    page = text(reader.get("/")).split("<tbody>")[1].split("</tbody>")[0]
    assert [each for each in (SOON, LATE) if each in page] == ([word] if word else [])


def test_who_reads_a_case_is_said(site, people, reader):
    claim(case=make_case(site, people.clinician), reader=people.clinician2)
    assert "Carl Clinician is reading" in text(reader.get("/"))


def test_failed_and_unread_cases_are_in_the_list(site, people, reader):
    make_case(site, people.clinician, CaseState.FAILED)
    make_case(site, people.clinician, CaseState.RECEIVED)
    page = text(reader.get("/"))
    assert "Model failed" in page
    assert "being read" in page


def test_an_empty_list_says_what_to_do(people, client):
    client.force_login(people.clinician)
    assert "Nothing waits for you" in text(client.get("/"))
    assert "No case matches these filters" in text(client.get("/?class=spiral"))


def test_a_filter_that_can_not_be_meant_is_said_and_the_list_shown(site, people, reader):
    case = make_case(site, people.clinician)
    answer = reader.get("/?class=bent")
    assert answer.status_code == 400
    assert "class: Use one of" in text(answer)
    assert case.accession_number in text(answer)


def test_each_filter_that_is_on_can_be_taken_off(reader):
    page = text(reader.get("/?class=spiral&priority=stat&mine=1&sort=confidence"))
    assert 'href="/?sort=confidence&amp;priority=stat&amp;mine=1"' in page
    assert 'href="/?sort=confidence&amp;class=spiral&amp;mine=1"' in page
    assert 'href="/?sort=confidence&amp;class=spiral&amp;priority=stat"' in page


def test_the_live_rows_are_sent_again_only_when_they_changed(site, people, reader):
    case = make_case(site, people.clinician)
    url = reverse("worklist_live")
    first = reader.get(url)
    etag = first["ETag"]
    assert reader.get(url, headers={"If-None-Match": etag}).status_code == 304
    claim(case=case, reader=people.clinician2)
    changed = reader.get(url, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_minutes_that_pass_send_nothing_again(site, people, reader, monkeypatch):
    make_case(site, people.clinician)
    url = reverse("worklist_live")
    etag = reader.get(url)["ETag"]
    later = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert reader.get(url, headers={"If-None-Match": etag}).status_code == 304
    rows = text(reader.get(url))
    assert "in 20 h" in rows  # what a browser without scripts reads is of the moment


def test_the_page_comes_with_the_tag_of_its_rows(site, people, reader):
    make_case(site, people.clinician)
    for address in ("/", "/?sort=confidence&state=predicted"):
        page = reader.get(address)
        etag = page.context["etag"]
        assert f'data-etag="{escape(etag)}"' in text(page)
        url = f"{reverse('worklist_live')}?{page.context['params']}"
        assert reader.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_another_view_language_time_zone_or_person_is_another_tag(site, people, client):
    def tag(person=people.reviewer, query="", **cookies):
        client.logout()
        client.force_login(person)
        client.cookies.load(cookies)
        return client.get(f"{reverse('worklist_live')}?{query}")["ETag"]

    make_case(site, people.clinician)
    make_membership(people.admin, make_site(), Role.CLINICIAN)
    tags = [
        tag(),
        tag(query="sort=confidence"),
        tag(query="mine=1"),
        tag(tz="Asia%2FTokyo"),
        tag(people.clinician),
        tag(people.admin),
    ]
    assert len(set(tags)) == len(tags)
    before = tag(people.clinician2)
    Membership.objects.filter(user=people.clinician2).update(roles=[Role.REVIEWER])
    assert tag(people.clinician2) != before


def test_an_unchanged_list_asks_four_queries(site, people, reader, django_assert_max_num_queries):
    for _ in range(3):
        make_case(site, people.clinician)
    url = reverse("worklist_live")
    etag = reader.get(url)["ETag"]
    with django_assert_max_num_queries(4):
        assert reader.get(url, headers={"If-None-Match": etag}).status_code == 304


def test_a_late_heartbeat_is_shown_to_readers(people, client, settings):
    make_release()
    client.force_login(people.reviewer)
    assert "Classification is delayed" in text(client.get("/"))
    beat("inference")
    assert "Classification is delayed" not in text(client.get("/"))


def test_that_no_model_is_in_use_is_shown_to_readers_only(people, client):
    beat("inference")
    client.force_login(people.reviewer)
    assert "No model is in use. Cases are safe" in text(client.get("/"))
    client.force_login(people.admin)
    assert "No model is in use" not in text(client.get("/"))
    make_release()
    client.force_login(people.reviewer)
    assert "No model is in use" not in text(client.get("/"))


def test_an_admin_reads_why_there_are_no_cases(people, client):
    client.force_login(people.admin)
    page = text(client.get("/"))
    assert "You have no role that reads cases" in page
    assert reverse("people", args=["north"]) in page


def test_the_page_asks_a_fixed_number_of_queries(
    site, people, reader, django_assert_max_num_queries
):
    for _ in range(3):
        make_case(site, people.clinician)
    with django_assert_max_num_queries(18):
        reader.get("/")
    for _ in range(12):
        make_case(site, people.clinician)
    with django_assert_max_num_queries(18):
        reader.get("/")


def test_no_page_breaks_the_content_security_policy(site, people, client):
    case = make_case(site, people.clinician)
    for person, addresses in (
        (people.clinician, ["/", "/cases/new/", f"/cases/{case.pk}/"]),
        (people.admin, ["/sites/north/people/", "/sites/north/waits/"]),
    ):
        client.force_login(person)
        for address in addresses:
            answer = client.get(address)
            assert "script-src 'self'" in answer["Content-Security-Policy"]
            page = text(answer)
            for forbidden in ("style=", "<style", "onclick=", "<script>", "javascript:"):
                assert forbidden not in page, (address, forbidden)


def test_a_closed_case_waits_no_longer(site, people, client):
    received = timezone.now() - timedelta(days=3)
    case = make_case(site, people.clinician, CaseState.REVIEWED, received_at=received)
    Case.objects.filter(pk=case.pk).update(closed_at=received + timedelta(minutes=7))
    client.force_login(people.reviewer)
    page = text(client.get(reverse("worklist"), {"state": "reviewed"}))
    waiting = page[page.index('<td class="waiting"') :].split("</td>")[0]
    assert waiting.endswith(">7 min</time> ")
    assert "data-waited" not in waiting
