"""The table of allowed waits, as its page."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.models import Redating, WaitRule
from triage.vocabulary import FractureClass, Priority
from triage.worklist.redating import redate, redate_chunk

pytestmark = pytest.mark.usefixtures("storage")


def form(**changes):
    values = {f"priority_{value}": 600 for value in Priority.values}
    for name in FractureClass.values:
        values |= {f"class_{name}": 300, f"from_{name}": 0.5}
    return values | changes


@pytest.fixture
def admin(people, client):
    client.force_login(people.admin)
    return client


def test_saving_redates_the_open_cases_and_says_how_many(site, people, admin):
    case = make_case(site, people.clinician, top="spiral", confidence=0.8)
    url = reverse("waits", args=[site.slug])
    page = admin.post(url, form(class_spiral=45), follow=True).content.decode()
    assert "Saved." in page
    assert "Open cases wait for their new deadlines." in page
    redate()
    page = admin.get(url).content.decode()
    assert "1 deadline changed in the last pass" in page and "Open cases then: 1." in page
    case.refresh_from_db()
    assert (case.due_at - case.received_at).total_seconds() == 45 * 60
    assert 'value="45"' in page


def test_the_wait_in_doubt_is_saved_and_empty_means_half(site, people, admin):
    case = make_case(site, people.clinician, confidence=0.1, finding={"call": "doubt"})
    url = reverse("waits", args=[site.slug])
    for given, minutes in ((200, 200), ("", 300)):
        admin.post(url, form(doubt_2=given))
        redate()
        case.refresh_from_db()
        assert (case.due_at - case.received_at).total_seconds() == minutes * 60
        page = admin.get(url).content.decode()
        assert ('value="200"' in page) == bool(given)
        assert 'placeholder="half: 300"' in page


def test_progress_is_shown_while_it_runs_and_ends(site, people, admin, monkeypatch):
    monkeypatch.setattr("triage.worklist.redating.CHUNK", 2)
    for _ in range(3):
        make_case(site, people.clinician)
    admin.post(reverse("waits", args=[site.slug]), form())
    redating = Redating.objects.get()
    url = reverse("waits_progress", args=[site.slug])
    assert "This begins in a moment." in admin.get(url).content.decode()
    assert redate_chunk(redating.pk)
    part = admin.get(url).content.decode()
    assert "Open cases get their new deadlines: 2 of 3." in part
    assert '<progress max="3" value="2"' in part
    assert "data-running" in part
    assert not redate_chunk(redating.pk)
    part = admin.get(url).content.decode()
    assert "3 deadlines changed" in part
    assert "data-running" not in part


def test_a_longer_wait_in_doubt_is_refused_in_words(site, admin):
    answer = admin.post(reverse("waits", args=[site.slug]), form(doubt_0=601))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "A case in doubt never waits longer than its priority: at most 600." in page
    assert not WaitRule.objects.exists()


def test_the_page_shows_what_a_case_waits(site, admin):
    page = admin.get(reverse("waits", args=[site.slug])).content.decode()
    body = page[page.index("What a case waits") :]
    rows = [[cell.split("<")[0] for cell in row.split("<td")[1:]] for row in body.split("<tr>")[2:]]
    shown = {row[0].strip(">"): [cell.split(">")[1] for cell in row[1:]] for row in rows}
    assert shown == {
        "Not read, not assessable, or no fracture seen": ["30 min", "4 h", "24 h"],
        "Fracture suspected or in doubt, class unsure": ["15 min", "2 h", "12 h"],
        "Fracture suspected or in doubt, Fracture dislocation 40 %": ["15 min", "1 h", "1 h"],
    }


@pytest.mark.parametrize(
    "changes", [{"priority_0": 0}, {"class_spiral": "soon"}, {"from_spiral": 1.5}]
)
def test_a_wait_that_can_not_be_meant_changes_nothing(site, admin, changes):
    answer = admin.post(reverse("waits", args=[site.slug]), form(**changes))
    assert answer.status_code == 400
    assert not WaitRule.objects.exists()
