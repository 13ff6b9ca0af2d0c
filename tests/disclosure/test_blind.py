"""A blind case is sealed: its row says nothing of the model's output until its final opinion is signed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.acts import Act
from accounts.models import AuditEntry
from accounts.refusals import NotPermitted, Refused
from tests.factories import incoming, make_case, make_prediction, make_release, receive_case
from tests.readers import sign_as_shown
from triage.disclosure import disclosure_for, shown_to
from triage.inference.case_update import update_cases
from triage.intake.details import CaseDetails
from triage.models import Case, Image, Job, Prediction, ReadingRules
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import draw_blind, set_reading_rules
from triage.stamps import stamp_of
from triage.states import CaseState
from triage.vocabulary import BodyPart, Call, Priority, Source
from triage.worklist.one_case import shown_case
from triage.worklist.query import WorklistQuery
from triage.worklist.redating import redate, request_redating

pytestmark = pytest.mark.usefixtures("storage")


def read_by_the_model(case, **said):
    """As a worker leaves it that has read the first picture."""
    image = Image.objects.get(case=case, position=1)
    release = Job.objects.filter(image=image).get().release
    Job.objects.filter(image=image).delete()
    prediction = make_prediction(image, release, **said)
    update_cases([case.pk])
    case.refresh_from_db()
    return prediction


@pytest.fixture
def blind(site, people):
    """A blind case that the model suspects a fracture in."""
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(case, top="fracture_dislocation", confidence=0.9)
    return case


def lock_first(case, reader):
    return lock_first_reading(case=case, reader=reader, given=GivenOpinion("none"))


def test_the_row_of_a_blind_case_says_nothing(blind):
    assert blind.state == CaseState.PREDICTED and blind.is_sealed
    assert (blind.call, blind.deciding_prediction, blind.predicted_class) == (Call.UNREAD, None, "")
    assert blind.due_at == blind.priority_due_at == blind.received_at + timedelta(hours=24)


@pytest.mark.parametrize(
    "said",
    [
        {"due_at": "earlier"},
        {"unread_images": 1},
        {"not_assessable_images": 1},
        {"call": Call.NEGATIVE, "deciding_prediction": "it"},
    ],
)
def test_the_database_refuses_a_sealed_row_that_says_something(blind, said):
    values = {"earlier": blind.received_at, "it": Prediction.objects.get()}
    said = {name: values.get(value, value) for name, value in said.items()}
    with pytest.raises(IntegrityError, match="case_sealed_says_nothing"), transaction.atomic():
        Case.objects.filter(pk=blind.pk).update(**said)


def test_a_pass_over_the_deadlines_leaves_a_blind_case_to_its_priority(site, blind):
    request_redating(site)
    redate()
    blind.refresh_from_db()
    assert blind.due_at == blind.priority_due_at and blind.call == Call.UNREAD


def test_everybody_else_still_sorts_by_the_model(site, people, blind):
    """The sealed case stands where an unread one stands, and the others where the model puts them."""
    sure = make_case(site, people.clinician2, top="spiral", confidence=0.9)
    unsure = make_case(site, people.clinician2, top="spiral", confidence=0.4)
    for person in (people.clinician, people.reviewer):
        assert disclosure_for(person).sortable.is_by_model
        assert WorklistQuery(sort="class").page(person).cases == [sure, unsure, blind]
        found = WorklistQuery.from_params({"call": "positive"}).page(person).cases
        assert set(found) == {sure, unsure}


def test_nobody_is_shown_a_sealed_case_but_who_locked_a_first_reading(people, blind):
    prediction = Prediction.objects.get()
    others = (people.clinician, people.clinician2, people.admin, people.service)
    lock_first(blind, people.reviewer)
    for person in others:
        shown = shown_case(person, blind)
        assert not shown.is_shown and shown.disclose(prediction) is None
    shown = shown_case(people.reviewer, blind)
    assert (shown.call, shown.predicted_class) == (Call.POSITIVE, "fracture_dislocation")
    assert shown.deciding_id == prediction.pk and shown.due_at == blind.priority_due_at
    (in_list,) = shown_to(people.reviewer, [blind])
    assert not in_list.is_shown


def test_pages_and_rest_show_it_to_that_reader_alone(people, blind):
    prediction = Prediction.objects.get()
    addresses = [
        reverse("activation_map", args=[prediction.pk, "top"]),
        reverse("api_prediction", args=[prediction.pk]),
    ]
    lock_first(blind, people.reviewer)
    for person, status in ((people.clinician2, 404), (people.reviewer, 200)):
        client = Client()
        client.force_login(person)
        assert {client.get(address).status_code for address in addresses} == {status}
        page = client.get(reverse("case", args=[blind.pk])).content.decode()
        body = client.get(reverse("api_case", args=[blind.pk])).json()
        is_shown = status == 200
        assert (body["call"], body["is_blind"]) == ("positive" if is_shown else None, True)
        assert bool(body["images"][0]["predictions"]) == is_shown
        assert ("Fracture suspected" in page) == is_shown
        assert ("This case is read blind" in page) != is_shown
        row = client.get(reverse("api_worklist")).json()["results"][0]
        assert row["call"] is None


def test_the_final_opinion_unseals_the_row(people, blind):
    lock_first(blind, people.reviewer)
    sign_as_shown(blind, people.reviewer, GivenOpinion("none"))
    blind.refresh_from_db()
    assert blind.is_blind and not blind.is_sealed
    assert (blind.call, blind.predicted_class) == (Call.POSITIVE, "fracture_dislocation")
    assert blind.deciding_prediction == Prediction.objects.get()
    assert blind.due_at == blind.priority_due_at
    told = AuditEntry.objects.filter(
        verb=Act.CASE_OUTPUT_CHANGED.value, subject_id=str(blind.pk)
    ).last()
    assert told.detail["untold"] == sorted(Case.MODEL_OUTPUT)
    assert shown_to(people.clinician, [blind])[0].is_shown


def test_a_withdrawn_case_stays_sealed(people, blind):
    """Its pictures may come again, in a newer version that is blind too."""
    from triage.intake.services import withdraw_case

    withdraw_case(case=blind, actor=people.clinician, reason="Wrong patient")
    blind.refresh_from_db()
    assert blind.is_sealed and not shown_case(people.reviewer, blind).is_shown


def test_lists_hear_of_a_prediction_and_not_of_what_it_says(site, people):
    """One change a prediction, whatever the model says: a tag tells no more."""
    from triage.models import Change

    counts = []
    for said in ({"call": "positive", "confidence": 0.9}, {"call": "negative"}):
        case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True, images=2)
        before = Change.objects.count()
        read_by_the_model(case, **said)
        counts.append(Change.objects.count() - before)
        event = AuditEntry.objects.filter(subject_id=str(case.pk))
        assert not event.filter(verb=Act.CASE_OUTPUT_CHANGED.value).exists()
    assert counts[0] == counts[1] and stamp_of([site.pk])


def receive(site, sender):
    return receive_case(
        sender=sender,
        site=site,
        files=[incoming()],
        details=CaseDetails(body_part=BodyPart.WRIST, priority=Priority.STAT),
        source=Source.API,
    ).case


@pytest.mark.parametrize(("percent", "expected"), [(0, False), (100, True)])
def test_whether_a_case_is_blind_is_drawn_at_arrival(site, people, percent, expected):
    make_release()
    set_reading_rules(site=site, blind_percent=percent, actor=people.admin)
    case = receive(site, people.clinician)
    assert case.is_blind is expected
    set_reading_rules(site=site, blind_percent=100 - percent, actor=people.admin)
    case.refresh_from_db()
    assert case.is_blind is expected


def test_a_share_is_drawn(site, people, monkeypatch):
    set_reading_rules(site=site, blind_percent=30, actor=people.admin)
    for number, expected in ((29, True), (30, False)):
        monkeypatch.setattr("secrets.randbelow", lambda most, number=number: number)
        assert draw_blind(site.pk) is expected


def test_a_site_without_rules_reads_nothing_blind(site):
    assert not draw_blind(site.pk)


def test_only_the_sites_admin_edits_its_rules(site, people):
    for person in (people.reviewer, people.staff, people.stranger):
        with pytest.raises(NotPermitted):
            set_reading_rules(site=site, blind_percent=10, actor=person)
    for percent in (-1, 101):
        with pytest.raises(Refused):
            set_reading_rules(site=site, blind_percent=percent, actor=people.admin)
    assert not ReadingRules.objects.exists()


def test_a_change_of_the_rules_says_before_and_after(site, people):
    for percent in (40, 40, 0):
        set_reading_rules(site=site, blind_percent=percent, actor=people.admin)
    told = AuditEntry.objects.filter(verb=Act.READING_RULES_CHANGED.value).order_by("pk")
    changes = [
        tuple(entry.detail[when]["blind_percent"] for when in ("before", "after")) for entry in told
    ]
    assert changes == [
        (0, 40),
        (40, 0),
    ]
