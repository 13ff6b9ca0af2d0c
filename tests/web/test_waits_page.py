"""The table of allowed waits, as its page."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from tests.factories import make_case
from triage.models import Redating, WaitRule
from triage.states import CaseState
from triage.vocabulary import FractureClass, Priority
from triage.worklist.case_summary import predictions_of, summarize
from triage.worklist.deadlines import WaitTable
from triage.worklist.redating import redate, redate_chunk

pytestmark = pytest.mark.usefixtures("storage")


def form(**changes):
    values = {f"priority_{value}": 600 for value in Priority.values}
    for name in FractureClass.values:
        values |= {f"class_{name}": 300, f"from_{name}": "50"}
    return values | changes


def save(admin, site, **changes):
    """Looks at what the table does, then saves it, as a person has to."""
    url, values = reverse("waits", args=[site.slug]), form(**changes)
    shown = shown_in(admin.post(url, values).text)
    return admin.post(url, values | {"shown": shown}, follow=True)


def shown_in(page: str) -> str:
    return re.search(r'name="shown" value="(\w+)"', page)[1]


@pytest.fixture
def admin(people, client):
    client.force_login(people.admin)
    return client


def test_saving_redates_the_open_cases_and_says_how_many(site, people, admin):
    case = make_case(site, people.clinician, top="spiral", confidence=0.8)
    url = reverse("waits", args=[site.slug])
    page = save(admin, site, class_spiral=45).text
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
        save(admin, site, doubt_2=given)
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
    save(admin, site)
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
    "changes", [{"priority_0": 0}, {"class_spiral": "soon"}, {"from_spiral": 100.5}]
)
def test_a_wait_that_can_not_be_meant_changes_nothing(site, admin, changes):
    answer = admin.post(reverse("waits", args=[site.slug]), form(**changes))
    assert answer.status_code == 400
    assert not WaitRule.objects.exists()


def test_a_confidence_is_typed_in_per_cent(site, admin):
    url = reverse("waits", args=[site.slug])
    assert 'name="from_spiral" value="40"' in admin.get(url).content.decode()
    save(admin, site, from_spiral="62.5", from_oblique="7")
    kept = dict(
        WaitRule.objects.exclude(predicted_class="").values_list(
            "predicted_class", "minimum_confidence"
        )
    )
    assert (kept["spiral"], kept["oblique"]) == (0.625, 0.07)
    assert 'name="from_spiral" value="62.5"' in admin.get(url).content.decode()


def cells(page: str) -> list[list[str]]:
    """The rows of the table of what changes, as texts."""
    body = page.partition("Due by this table")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body.partition("<tbody>")[2], re.S)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.S)]
        for row in rows
    ]


def test_what_a_table_does_is_shown_before_it_is_saved(site, people, admin):
    received, table = timezone.now() - timedelta(hours=5), WaitTable.of(site.pk)
    urgent, routine = (
        make_case(
            site, people.clinician, CaseState.RECEIVED, received_at=received, priority=priority
        )
        for priority in (Priority.URGENT, Priority.ROUTINE)
    )
    for case in (urgent, routine):
        summarize(case, predictions_of([case])[case.pk], table)
        case.save()
    signed = make_case(site, people.clinician, CaseState.REVIEWED)
    page = admin.post(
        reverse("waits", args=[site.slug]), form(priority_1=6 * 60, priority_2=2 * 60)
    ).text
    assert "1 case comes sooner, 1 comes later, 1 becomes late at once." in " ".join(page.split())
    assert [row[:2] for row in cells(page)] == [
        [urgent.short_name, "Urgent"],
        [routine.short_name, "Routine"],
    ]
    assert signed.short_name not in page
    assert not WaitRule.objects.exists()
    urgent.refresh_from_db()
    assert urgent.due_at == received + timedelta(hours=4)


def test_a_table_that_was_changed_after_it_was_shown_is_shown_again(site, admin):
    url = reverse("waits", args=[site.slug])
    shown = shown_in(admin.post(url, form()).text)
    answer = admin.post(url, form(priority_0=7) | {"shown": shown})
    assert answer.status_code == 200
    assert shown_in(answer.text) != shown
    assert not WaitRule.objects.exists()


def test_the_page_asks_for_what_a_table_does_alone(site, people, admin):
    make_case(site, people.clinician)
    url = reverse("waits_preview", args=[site.slug])
    answer = admin.post(url, form(priority_2=30))
    assert answer["X-Callus-Part"] == "1"
    assert "1 case comes sooner" in answer.text and "<html" not in answer.text
    assert "missing or can not be meant" in admin.post(url, form(priority_2="")).text


def test_an_admin_who_may_not_read_the_case_gets_its_short_name_and_no_link(site, people, admin):
    case = make_case(site, people.clinician)
    url = reverse("waits", args=[site.slug])
    page = admin.post(url, form(priority_2=30)).text
    assert case.short_name in page and case.accession_number not in page
    Membership.objects.filter(user=people.admin).update(roles=[Role.ADMIN, Role.REVIEWER])
    page = admin.post(url, form(priority_2=30)).text
    assert case.accession_number in page and reverse("case", args=[case.pk]) in page


def test_what_a_table_does_tells_nothing_of_a_hidden_model(site, people, admin, settings):
    """Whoever may not see what the model says learns what follows from the priority alone."""
    url, values = reverse("waits", args=[site.slug]), form(priority_2=24 * 60, class_spiral=1)
    make_case(site, people.clinician, top="spiral", confidence=0.9)
    Membership.objects.filter(user=people.admin).update(roles=[Role.ADMIN, Role.REVIEWER])
    assert "1 case comes sooner" in admin.post(url, values).text
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    people.admin.name = "Rita Admin"
    people.admin.save()
    assert "No deadline changes." in admin.post(url, values).text


def test_no_two_tables_tell_an_admin_who_opens_no_case_what_the_model_says(site, people, admin):
    """They try each type from each confidence: the answers stay the same."""
    case = make_case(site, people.clinician, top="spiral", confidence=0.5)
    case.due_at = case.received_at + timedelta(hours=6)
    case.save()
    url = reverse("waits_preview", args=[site.slug])

    def said(**typed):
        return re.sub(
            r'value="[0-9a-f]{16}"', "", admin.post(url, form(priority_2=24 * 60, **typed)).text
        )

    tables = [{"class_spiral": 350, "from_spiral": percent} for percent in (45, 55)]
    answers = {
        said(**typed) for typed in (*tables, {"class_spiral": 1, "from_spiral": 1}, {"doubt_2": 3})
    }
    assert len(answers) == 1 and "deadlines by the waits of the priorities alone" in answers.pop()
    Membership.objects.filter(user=people.admin).update(roles=[Role.ADMIN, Role.CLINICIAN])
    low, high = (said(**typed) for typed in tables)
    assert low != high and "of the priorities alone" not in low + high


@pytest.mark.parametrize("cases", [1, 12])
def test_ten_cases_are_listed_at_most(site, people, admin, cases):
    for _ in range(cases):
        make_case(site, people.clinician)
    page = admin.post(reverse("waits", args=[site.slug]), form(priority_2=30)).text
    assert len(cells(page)) == min(cases, 10)
