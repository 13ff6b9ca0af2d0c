"""The head of a case's page is asked for again: what it says, and that 304 means that nothing has changed."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_case
from triage.intake.services import withdraw_case
from triage.models import Case, NewerVersion
from triage.review import claims
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import Priority

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people) -> Case:
    return make_case(site, people.clinician, clinical_question="Fell.", priority=Priority.URGENT)


@pytest.fixture
def reader(people) -> Client:
    client = Client()
    client.force_login(people.reviewer)
    return client


def head(client: Client, case: Case, etag: str = ""):
    known = {"If-None-Match": etag} if etag else {}
    return client.get(reverse("case_head", args=[case.pk]), headers=known)


def test_the_head_is_what_the_page_has(case, reader):
    answer = head(reader, case)
    assert answer["X-Callus-Part"] == "1"
    page = reader.get(reverse("case", args=[case.pk])).text
    for line in filter(None, map(str.strip, answer.text.splitlines())):
        assert line in page
    assert "Fell." in answer.text and "Urgent" in answer.text


def claimed(case, people):
    claims.claim(case=case, reader=people.clinician2)


def signed(case, people):
    sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))


def withdrawn(case, people):
    withdraw_case(case=case, actor=people.clinician, reason="Twice")


def sent_again(case, people):
    newer = make_case(case.site, people.clinician)
    NewerVersion.objects.create(newer=newer, earlier=case)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (claimed, "Carl Clinician is reading"),
        (signed, "Reviewed"),
        (withdrawn, "Withdrawn"),
        (sent_again, "Newer version"),
    ],
)
def test_what_changes_the_case_changes_its_head(case, people, reader, act, said):
    before = head(reader, case)
    assert said not in before.text
    assert head(reader, case, before["ETag"]).status_code == 304
    act(case, people)
    after = head(reader, case, before["ETag"])
    assert after.status_code == 200
    assert said in after.text


def test_a_link_of_the_head_keeps_the_list_that_the_case_was_opened_from(case, people, reader):
    sent_again(case, people)
    view = "?view=priority%3Durgent"
    page = reader.get(reverse("case", args=[case.pk]) + view).text
    assert f'data-live="{reverse("case_head", args=[case.pk])}{view}"' in page
    answer = reader.get(reverse("case_head", args=[case.pk]) + view)
    newer = NewerVersion.objects.get().newer
    assert f'{reverse("case", args=[newer.pk])}{view}"' in answer.text
    assert answer["ETag"] != head(reader, case)["ETag"]


def test_a_reader_s_own_claim_is_said_beside_the_form_alone(case, people, reader):
    claims.claim(case=case, reader=people.reviewer)
    assert "is reading" not in head(reader, case).text


def test_a_head_of_a_closed_case_has_no_deadline(site, people, reader):
    answer = head(reader, make_case(site, people.clinician, CaseState.REVIEWED))
    assert "data-soon" not in answer.text and "closed" in answer.text
