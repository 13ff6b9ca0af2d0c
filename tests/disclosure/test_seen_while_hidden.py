"""An answer that its sender called seen while it was hidden is new to them once they may see what it says."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.disclosure import disclosure_for
from triage.models import NewAnswer
from triage.report.ready_lists import ready_lists
from triage.report.sent import mark_seen, new_answers, sent_cases
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.vocabulary import Priority

pytestmark = pytest.mark.usefixtures("storage")
NONE_TO_RITA = "tests.policies.NothingToRita"
STAT_HIDDEN = "tests.policies.OneCaseOnly"
SHOWN = "triage.disclosure.policy.Policy"


@pytest.fixture
def rita(people, settings):
    """A sender from whom everything is hidden."""
    person = people.clinician
    type(person).objects.filter(pk=person.pk).update(name="Rita Clinician")
    person.refresh_from_db()
    settings.CALLUS_DISCLOSURE_POLICY = NONE_TO_RITA
    return person


@pytest.fixture
def answers(site, people, rita):
    """Two: on a routine case and on one that is stat."""
    return [
        sign(
            case=make_case(site, rita, priority=priority),
            reader=people.clinician2,
            given=GivenOpinion("none"),
        )
        for priority in (Priority.ROUTINE, Priority.STAT)
    ]


def new_to(person):
    """Opinions that are new, by the list, all that was sent and the count, which say the same."""
    listed = new_answers(person).cases
    new = {row.review_id for row in listed}
    assert {row.review_id for row in sent_cases(person).cases if row.is_new} == new
    lists = ready_lists(person, disclosure_for(person))
    (count,) = [row.count for row in lists if row.ready.name == "new_answers"]
    assert count == len(listed)
    return {row.review_id: row.opinion for row in listed}


def test_what_was_seen_as_hidden_is_new_once_it_is_shown(rita, answers, settings, client):
    routine, stat = (answer.pk for answer in answers)
    assert new_to(rita) == {routine: "", stat: ""}
    client.force_login(rita)
    client.post(reverse("sent_seen"), {"review": [str(routine), str(stat)]})
    assert new_to(rita) == {}
    mark_seen(rita, [stat])  # once more: it stays marked
    settings.CALLUS_DISCLOSURE_POLICY = STAT_HIDDEN
    assert new_to(rita) == {routine: "No fracture."}
    settings.CALLUS_DISCLOSURE_POLICY = SHOWN
    assert new_to(rita) == {routine: "No fracture.", stat: "No fracture."}
    assert "2 new answers" in client.get("/").content.decode()
    mark_seen(rita, [routine, stat])
    assert new_to(rita) == {} and not NewAnswer.objects.exists()


def test_what_was_seen_when_it_was_shown_is_not_new_again(rita, answers, settings):
    routine, stat = (answer.pk for answer in answers)
    settings.CALLUS_DISCLOSURE_POLICY = STAT_HIDDEN
    mark_seen(rita, [routine, stat])
    settings.CALLUS_DISCLOSURE_POLICY = NONE_TO_RITA
    assert new_to(rita) == {}
    settings.CALLUS_DISCLOSURE_POLICY = SHOWN
    assert set(new_to(rita)) == {stat}


def test_a_hidden_correction_of_what_was_seen_as_hidden_is_new(people, rita, answers):
    routine, stat = answers
    mark_seen(rita, [routine.pk, stat.pk])
    again = correct(review=routine, reader=people.clinician2, given=GivenOpinion("not_assessable"))
    assert new_to(rita) == {again.pk: ""}
