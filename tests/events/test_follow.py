"""Whoever reads the outbox alone knows how each case stands, and when to ask for it again."""

import pytest

from accounts.acts import Act
from accounts.services import outbox
from tests.events.steps import NEGATIVE, doing, predict, rules
from tests.factories import make_case, make_reading
from triage.intake.services import withdraw_case
from triage.models import Case, Image, Reading
from triage.review import claims, services
from triage.review.opinion import GivenOpinion
from triage.review.tasks import end_lapsed_claims
from triage.states import CaseState
from triage.worklist.case_summary import SUMMARY_FIELDS
from triage.worklist.redating import redate_chunk, request_redating
from triage.worklist.wait_rules import set_wait_rules


class Follower:
    """A consumer of one case: it believes values, and asks for a field of which it is told the name alone."""

    def __init__(self, case):
        self.case_id = case.pk
        self.known = self.row()

    def row(self):
        case = Case.objects.get(pk=self.case_id)
        fields = {name: getattr(case, name) for name in SUMMARY_FIELDS}
        fields["deciding_prediction"] = case.deciding_prediction_id
        holder = Reading.objects.going_on().filter(case=case).values_list("reader_id", flat=True)
        return {**fields, "state": case.state, "claimed_by": holder.first()}

    def consume(self):
        """Takes what waits in the outbox. Returns the acts on its case."""
        acts = []
        for message in outbox.claim(100):
            outbox.mark_delivered([message])
            detail = message.entry.detail
            about = {message.entry.subject_id, detail.get("case")}
            if message.entry.act is Act.CASES_DEADLINES_CHANGED:
                about |= {*detail["cases"]}
            if str(self.case_id) in about:
                acts.append(message.entry.act)
                self.believe(detail)
        return acts

    def believe(self, detail):
        told = {name.removeprefix("case_"): value for name, value in detail["after"].items()}
        self.known |= {name: value for name, value in told.items() if name in self.known}
        untold = {*detail.get("untold", [])} & set(self.known)
        self.known |= {name: value for name, value in self.row().items() if name in untold}

    @property
    def is_up_to_date(self):
        return {k: str(v) for k, v in self.known.items()} == {
            k: str(v) for k, v in self.row().items()
        }


@pytest.fixture
def followed(clinic):
    """A case of three pictures that wait, and who follows it."""
    case = make_case(clinic.site, clinic.people.clinician, CaseState.RECEIVED, images=3)
    outbox.mark_delivered(outbox.claim(1000))
    return Follower(case)


@pytest.fixture
def case(followed):
    return Case.objects.get(pk=followed.case_id)


def test_each_picture_that_changes_a_waiting_case_is_told(clinic, followed, case):
    images = Image.objects.filter(case=case).order_by("position")
    findings = [NEGATIVE, {"confidence": 0.9}, NEGATIVE]
    acts = []
    for image, finding in zip(images, findings, strict=True):
        predict(clinic, image, **finding)
        acts += followed.consume()
        assert followed.is_up_to_date
    assert acts == [Act.CASE_OUTPUT_CHANGED, Act.CASE_OUTPUT_CHANGED, Act.CASE_PREDICTED]


def test_an_event_names_the_whole_output_and_no_value_of_it(clinic, case):
    """A positive call gives a class and a deadline, a negative one none: the names alone would tell."""
    image = Image.objects.filter(case=case).first()
    negative = doing(lambda: predict(clinic, image, **NEGATIVE)).only(Act.CASE_OUTPUT_CHANGED)
    other = make_case(clinic.site, clinic.people.clinician, CaseState.RECEIVED, images=2)
    image = Image.objects.filter(case=other).first()
    positive = doing(lambda: predict(clinic, image)).only(Act.CASE_OUTPUT_CHANGED)
    assert negative.detail["untold"] == positive.detail["untold"] == sorted(Case.MODEL_OUTPUT)
    assert set(positive.detail["after"]) == {"deciding_prediction"}


def test_every_field_of_the_summary_is_told_or_named():
    told = {"deciding_prediction", "priority_due_at"}
    assert Case.MODEL_OUTPUT | told == set(SUMMARY_FIELDS)


def test_a_claim_inside_a_signature_is_told_before_it(clinic, followed, case):
    make_reading(case, clinic.people.clinician2, seconds=-1)
    followed.known["claimed_by"] = clinic.people.clinician2.pk
    services.sign(case=case, reader=clinic.people.reviewer, given=GivenOpinion("none"))
    acts = followed.consume()
    assert acts == [Act.CASE_CLAIM_LAPSED, Act.CASE_CLAIMED, Act.REVIEW_SIGNED]
    assert followed.is_up_to_date


def test_a_signature_under_a_claim_tells_no_second_claim(clinic, followed, case):
    claims.claim(case=case, reader=clinic.people.reviewer)
    services.sign(case=case, reader=clinic.people.reviewer, given=GivenOpinion("none"))
    assert followed.consume() == [Act.CASE_CLAIMED, Act.REVIEW_SIGNED]
    assert followed.is_up_to_date


def test_a_claim_that_ran_out_is_told_though_nobody_comes(clinic, followed, case):
    lapsed = make_reading(case, clinic.people.reviewer, seconds=-1)
    live = make_reading(make_case(clinic.site, clinic.people.clinician), clinic.people.reviewer)
    followed.known["claimed_by"] = clinic.people.reviewer.pk
    assert end_lapsed_claims() == 1
    assert followed.consume() == [Act.CASE_CLAIM_LAPSED]
    assert followed.is_up_to_date and followed.known["claimed_by"] is None
    lapsed.refresh_from_db()
    live.refresh_from_db()
    assert (lapsed.ended, live.ended) == ("lapsed", "")
    assert end_lapsed_claims() == 0


def test_withdrawing_ends_a_claim(clinic, followed, case):
    reader = clinic.people.clinician
    make_reading(case, reader)
    followed.known["claimed_by"] = reader.pk
    withdraw_case(case=case, actor=reader, reason="Sent twice")
    assert followed.consume() == [Act.CASE_WITHDRAWN]
    assert followed.is_up_to_date


def test_a_new_table_of_waits_names_the_cases_that_it_redated(clinic, followed, case):
    set_wait_rules(site=clinic.site, rules=rules(), actor=clinic.people.admin)
    assert not redate_chunk(request_redating(clinic.site).pk)
    assert followed.consume() == [Act.CASES_DEADLINES_CHANGED]
    assert followed.is_up_to_date


def test_each_chunk_of_a_redating_tells_its_own_cases(clinic, followed, case, monkeypatch):
    monkeypatch.setattr("triage.worklist.redating.CHUNK", 1)
    set_wait_rules(site=clinic.site, rules=rules(), actor=clinic.people.admin)
    redating = request_redating(clinic.site)
    while redate_chunk(redating.pk):
        pass
    told = [message.entry for message in outbox.claim(100)]
    chunks = [entry.detail for entry in told if entry.act is Act.CASES_DEADLINES_CHANGED]
    assert [detail["cases"] for detail in chunks] == [[str(clinic.case.pk)], [str(case.pk)]]
    assert [entry.act for entry in told].count(Act.CASES_REDATED) == 1
