"""An idle claim is taken over with a reason, and a lead ends any at once; who lost it is told."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Membership
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from tests.factories import make_case, make_reading
from triage.models import Reading
from triage.models.reading import Ended
from triage.review.claims import renew
from triage.review.taking_over import end_claim, take_over

pytestmark = pytest.mark.usefixtures("storage")
WHY = "You went home"
JUST_IDLE, NOT_YET = 539, 560  # seconds left of 900: idle after 360


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def lead(people):
    Membership.objects.filter(user=people.reviewer).update(roles=[Role.ADMIN, Role.REVIEWER])
    return people.reviewer


def test_an_idle_claim_is_taken_over(people, case):
    idle = make_reading(case, people.clinician2, seconds=JUST_IDLE)
    reading = take_over(case=case, reader=people.reviewer, reason=f" {WHY} ")
    assert (reading.reader, reading.is_claimed) == (people.reviewer, True)
    idle.refresh_from_db()
    assert (idle.ended, idle.ended_by, idle.ended_reason) == (
        Ended.TAKEN_OVER,
        people.reviewer,
        WHY,
    )
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor) == ("case.taken_over", people.reviewer)
    assert entry.detail["before"] == {"claimed_by": str(people.clinician2.pk)}
    assert entry.detail["after"] == {"claimed_by": str(people.reviewer.pk)}
    assert WHY not in str(entry.detail)


def test_who_works_on_a_case_keeps_it(people, case):
    make_reading(case, people.clinician2, seconds=NOT_YET)
    with pytest.raises(Conflict) as refused:
        take_over(case=case, reader=people.reviewer, reason=WHY)
    assert refused.value.code == "claim_not_idle"
    with pytest.raises(Refused):
        take_over(case=case, reader=people.clinician2, reason=WHY)


def test_without_a_reason_nothing_is_taken(people, case):
    make_reading(case, people.clinician2, seconds=JUST_IDLE)
    with pytest.raises(Refused) as refused:
        take_over(case=case, reader=people.reviewer, reason=" ")
    assert refused.value.code == "reason_missing"
    assert Reading.objects.going_on().get().reader == people.clinician2


def test_a_lead_ends_a_claim_at_once_and_nobody_else_does(people, case, lead):
    reading = make_reading(case, people.clinician2)
    for person in (people.clinician, people.admin):
        with pytest.raises(NotPermitted):
            end_claim(case=case, actor=person, reason=WHY)
    end_claim(case=case, actor=lead, reason=WHY)
    reading.refresh_from_db()
    assert (reading.ended, reading.ended_by) == (Ended.BY_LEAD, lead)
    assert AuditEntry.objects.get().verb == "case.claim_ended"
    with pytest.raises(Conflict):
        end_claim(case=case, actor=lead, reason=WHY)


def test_the_page_says_to_nobody_but_a_reader_when_they_may_take_over(people, case, client):
    make_reading(case, people.clinician2, seconds=NOT_YET)
    says = {}
    for person in (people.clinician, people.reviewer):
        client.force_login(person)
        page = client.get(reverse("case", args=[case.pk])).text
        says[person] = "you can take it over at" in page
    assert says == {people.clinician: False, people.reviewer: True}  # the first one has sent it


def test_who_lost_it_is_told_on_the_open_page_and_on_the_next_one(people, case, client):
    make_reading(case, people.clinician2, seconds=JUST_IDLE)
    take_over(case=case, reader=people.reviewer, reason=WHY)
    with pytest.raises(Conflict) as refused:
        renew(case=case, reader=people.clinician2)
    assert refused.value.code == "claim_taken"
    client.force_login(people.clinician2)
    answer = client.post(reverse("case_renew", args=[case.pk])).json()
    said = f"Rita Reviewer took this case over: “{WHY}”."
    assert (answer["message"], answer["why"]) == (said, "claim_taken")
    assert said in client.get(reverse("case", args=[case.pk])).text
    client.force_login(people.reviewer)
    assert WHY not in client.get(reverse("case", args=[case.pk])).text


def test_the_page_takes_a_case_over_however_often_it_is_pressed(people, case, client):
    make_reading(case, people.clinician2, seconds=JUST_IDLE)
    client.force_login(people.reviewer)
    address = reverse("case_take_over", args=[case.pk])
    assert f'action="{address}"' in client.get(reverse("case", args=[case.pk])).text
    for _ in range(2):
        answer = client.post(address, {"reason": WHY}, follow=True)
        assert "You hold this case now." in answer.text and "Claimed by me" in answer.text
    assert Reading.objects.count() == 2


def test_rest_takes_over_and_ends_claims(people, case, client, lead):
    make_reading(case, people.clinician2, seconds=JUST_IDLE)
    client.force_login(people.reviewer)
    body = {"reason": WHY}

    def post(name):
        return client.post(reverse(name, args=[case.pk]), body, content_type="application/json")

    assert post("api_case_take_over").json()["holder"]["name"] == "Rita Reviewer"
    assert post("api_case_end_claim").status_code == 409
    Reading.objects.going_on().update(ended=Ended.RELEASED, ended_at="2026-01-01T00:00Z")
    make_reading(case, people.clinician2)
    assert post("api_case_end_claim").status_code == 200
    assert not Reading.objects.going_on().exists()
