"""The same request twice (a double click, a reloaded answer, the button after Back) makes nothing twice."""

import pytest
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership
from accounts.roles import Role
from tests.factories import make_case, make_release
from triage.models import CriticalResult, Job, Review
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")
CLEAR = {"fracture": "none", "comment": "Clear,\r\nI think."}
TICKED = {**CLEAR, "critical": "on"}
TYPES = {"fracture": "certain", "classes": ["spiral", "oblique"], "comment": ""}


@pytest.fixture
def reader(people, client):
    client.force_login(people.reviewer)
    return client


@pytest.fixture
def admin(people, client):
    client.force_login(people.admin)
    return client


def twice(client, address, form):
    """The pages that both requests lead to."""
    return [client.post(address, form, follow=True) for _ in range(2)]


@pytest.mark.parametrize("opinion", [CLEAR, TYPES])
def test_an_opinion_is_signed_once_and_both_answers_say_so(site, people, reader, opinion):
    case = make_case(site, people.clinician)
    for answer in twice(reader, f"/cases/{case.pk}/review/", opinion):
        assert answer.status_code == 200
        assert "Signed." in answer.content.decode()
        assert "What you wrote was not signed" not in answer.content.decode()
    review = Review.objects.get()
    assert AuditEntry.objects.filter(verb="review.signed").count() == 1
    address = f"/cases/{case.pk}/reviews/{review.pk}/correct/"
    for answer in twice(reader, address, {**opinion, "comment": "Better."}):
        assert answer.status_code == 200
        assert "Corrected." in answer.content.decode()
    assert Review.objects.count() == 2


@pytest.mark.parametrize(
    "other",
    [
        {**CLEAR, "comment": "No, it is broken."},
        {**CLEAR, "fracture": "not_assessable"},
        TYPES,
    ],
)
def test_another_opinion_on_a_closed_case_is_still_refused(site, people, reader, other):
    case = make_case(site, people.clinician)
    reader.post(f"/cases/{case.pk}/review/", CLEAR)
    answer = reader.post(f"/cases/{case.pk}/review/", other)
    assert answer.status_code == 409
    assert "What you wrote was not signed" in answer.content.decode() or not other["comment"]
    reader.force_login(people.clinician2)
    assert reader.post(f"/cases/{case.pk}/review/", CLEAR).status_code == 409
    assert Review.objects.count() == 1


def test_a_tick_that_came_too_late_is_not_answered_with_signed(site, people, reader):
    """ "Signed." would say that the clinic hears of it at once."""
    case = make_case(site, people.clinician)
    address = f"/cases/{case.pk}/review/"
    reader.post(address, CLEAR)
    answer = reader.post(address, {**CLEAR, "critical": "on"}, follow=True)
    assert answer.status_code == 409 and not CriticalResult.objects.exists()
    for answer in twice(
        reader, f"/cases/{case.pk}/reviews/{Review.objects.get().pk}/correct/", TICKED
    ):
        assert answer.status_code == 200 and "Corrected." in answer.content.decode()
    assert CriticalResult.objects.get().by_reader


def test_a_case_is_withdrawn_once(site, people, reader):
    case = make_case(site, people.clinician)
    for answer in twice(reader, f"/cases/{case.pk}/withdraw/", {"reason": "Wrong patient"}):
        assert "The case was withdrawn." in answer.content.decode()
        assert "closed already" not in answer.content.decode()
    assert AuditEntry.objects.filter(verb="case.withdrawn").count() == 1
    other = reader.post(f"/cases/{case.pk}/withdraw/", {"reason": "Another"}, follow=True)
    assert "closed already" in other.content.decode()


def test_a_case_is_claimed_and_queued_again_once(site, people, reader):
    make_release()
    case = make_case(site, people.clinician, CaseState.FAILED)
    twice(reader, f"/cases/{case.pk}/retry/", {})
    assert Job.objects.filter(state=JobState.QUEUED).count() == 1
    assert AuditEntry.objects.filter(verb="case.retried").count() == 1
    twice(reader, f"/cases/{case.pk}/claim/", {})
    assert AuditEntry.objects.filter(verb="case.claimed").count() == 1


def hidden(client, site, name, form):
    """The value that the page gives to a hidden field of the form with this address."""
    page = client.get(reverse("people", args=[site.slug])).content.decode()
    return page.split(f'action="{form}"')[1].split(f'name="{name}" value="')[1].split('"')[0]


def test_an_api_client_is_made_once(site, admin):
    address = reverse("client_add", args=[site.slug])
    form = {"name": "RIS", "client_id": hidden(admin, site, "client_id", address)}
    first, second = twice(admin, address, form)
    assert 'id="new-token"' in first.content.decode()
    assert "was made already" in second.content.decode()
    assert Membership.objects.filter(roles=[Role.SERVICE], user__name="RIS").count() == 1
    admin.post(address, {"name": "RIS"})  # a form of before
    assert Membership.objects.filter(roles=[Role.SERVICE], user__name="RIS").count() == 2


def test_a_token_is_made_once(site, admin):
    admin.post(reverse("client_add", args=[site.slug]), {"name": "RIS"})
    member = Membership.objects.get(user__name="RIS")
    address = reverse("token_add", args=[site.slug, member.pk])
    first, second = twice(admin, address, {"known": hidden(admin, site, "known", address)})
    assert 'id="new-token"' in first.content.decode()
    assert "have changed since" in second.content.decode()
    assert AuthToken.objects.filter(user=member.user).count() == 2
