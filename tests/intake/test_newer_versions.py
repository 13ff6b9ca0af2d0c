"""The same instance in other bytes is a newer version: docs/decisions/0043-a-newer-version.md."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.refusals import Conflict
from tests.factories import incoming, make_reading, make_release, receive_case
from tests.pictures import dicom, pixels
from triage.intake import decision
from triage.intake import queue as decoding
from triage.intake.decoding import decode
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.models import Case, NewerVersion, Reading
from triage.review import claims
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import sign
from triage.states import CaseState
from triage.vocabulary import BodyPart, Priority, Sex, Source

pytestmark = pytest.mark.usefixtures("storage")
ORDER = "ORD-77"
STUDY = "1.2.840.99.7"


def film(number: int = 1, exporter: str = "first", **tags: object) -> bytes:
    """Picture ``number`` of a study, as an exporter writes it."""
    said = {
        "SOPInstanceUID": f"{STUDY}.{number}",
        "StudyInstanceUID": STUDY,
        "AccessionNumber": ORDER,
        "Manufacturer": exporter,
        "AcquisitionTime": f"1000{number:02}",
    }
    return dicom(pixels(bits=12, seed=number), **{**said, **tags})


def sent(sender, site, *files: bytes, **details: object):
    return receive_case(**to_send(sender, site, *files, **details))


def to_send(sender, site, *files: bytes, **details: object):
    return {
        "sender": sender,
        "site": site,
        "files": [incoming(f"{n}.dcm", data) for n, data in enumerate(files, start=1)],
        "details": CaseDetails(**{"body_part": BodyPart.WRIST, **details}),
        "source": Source.API,
    }


def outcomes(received) -> list[str]:
    return [duplicate.outcome for duplicate in received.duplicates]


def links(case) -> list:
    return list(
        NewerVersion.objects.filter(newer=case)
        .order_by("earlier")
        .values_list("earlier", flat=True)
    )


def signed(case, reader):
    return sign(case=case, reader=reader, given=GivenOpinion("none"))


def test_an_open_case_ends_and_the_new_one_takes_its_place(site, people):
    old = sent(people.clinician, site, film(), priority=Priority.STAT).case
    earlier = timezone.now() - timedelta(hours=2)
    Case.objects.filter(pk=old.pk).update(received_at=earlier)
    received = sent(people.clinician, site, film(exporter="second"))
    old.refresh_from_db()
    new = received.case
    assert (old.state, old.replaced_by, old.withdrawn_by) == ("withdrawn", new, people.clinician)
    assert old.closed_at and old.withdrawn_reason == ""
    assert (new.state, new.received_at, new.priority) == ("received", earlier, Priority.STAT)
    assert new.priority_due_at == new.due_at < timezone.now()
    assert (links(new), outcomes(received)) == ([old.pk], ["replaced"])
    acts = AuditEntry.objects.filter(subject_id__in=[str(old.pk), str(new.pk)]).order_by("pk")
    assert [entry.verb for entry in acts][2:] == ["case.arrived", "case.received", "case.replaced"]
    assert acts.last().detail["after"]["replaced_by"] == str(new.pk)


@pytest.mark.parametrize("state", ["reviewed", "third", "withdrawn"])
def test_a_closed_case_stays_as_it_is(site, people, state):
    old = sent(people.clinician, site, film()).case
    if state != "withdrawn":
        if state == "third":
            rules = {"blind_percent": 0, "third_if_interim_differs": True}
            set_reading_rules(site=site, actor=people.admin, **rules)
            said = {"interim_fracture": "fracture", "treated_as": "fracture"}
            record_interim_opinion(case=old, author=people.clinician, **said)
        signed(old, people.reviewer)
    else:
        Case.objects.filter(pk=old.pk).update(
            state=state,
            closed_at=timezone.now(),
            withdrawn_by=people.clinician,
            withdrawn_reason="No",
        )
    received = sent(people.clinician, site, film(exporter="second"))
    old.refresh_from_db()
    assert (old.state, old.replaced_by) == (state, None)
    assert (links(received.case), outcomes(received)) == ([old.pk], ["linked"])
    assert received.case.is_open and received.case.received_at > old.received_at


def test_a_part_of_an_open_case_is_linked(site, people):
    old = sent(people.clinician, site, film(1), film(2)).case
    received = sent(people.clinician, site, film(2, exporter="second"))
    old.refresh_from_db()
    assert old.is_open and received.case.is_open
    assert (links(received.case), outcomes(received)) == ([old.pk], ["linked"])


def test_a_study_of_which_one_picture_is_new_is_a_new_version(site, people):
    old = sent(people.clinician, site, film(1), film(2)).case
    received = sent(people.clinician, site, film(1), film(2, exporter="second"), film(3))
    old.refresh_from_db()
    assert (old.replaced_by, outcomes(received)) == (received.case, ["noted", "replaced"])


def test_the_same_bytes_are_no_new_version(site, people):
    old = sent(people.clinician, site, film()).case
    received = sent(people.clinician, site, film())
    old.refresh_from_db()
    assert old.is_open and links(received.case) == []


@pytest.mark.parametrize(("who", "ends"), [("service", False), ("clinician2", True)])
def test_only_who_may_withdraw_it_ends_it(site, people, who, ends):
    old = sent(people.clinician, site, film()).case
    received = sent(getattr(people, who), site, film(exporter="second"))
    old.refresh_from_db()
    assert (old.replaced_by == received.case, links(received.case)) == (ends, [old.pk])


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({}, {"AccessionNumber": "ORD-78"}),
        ({"AccessionNumber": None}, {"AccessionNumber": None}),
        ({"AccessionNumber": None}, {}),
        ({}, {"StudyInstanceUID": "1.2.840.99.8"}),
        ({}, {"AcquisitionTime": "111111"}),
        ({"PatientSex": "F"}, {"PatientSex": "M"}),
    ],
    ids=["order", "no order", "one order", "study", "exposure", "sex"],
)
def test_a_device_that_gives_every_picture_one_uid_makes_no_versions(site, people, first, then):
    old = sent(people.clinician, site, film(**first)).case
    received = sent(people.clinician, site, film(exporter="second", **then))
    old.refresh_from_db()
    assert old.is_open and (links(received.case), outcomes(received)) == ([], ["noted"])


def test_nor_does_a_case_that_has_one_uid_twice(site, people):
    old = sent(people.clinician, site, film()).case
    twice = [film(exporter="second"), film(exporter="third")]
    assert links(sent(people.clinician, site, *twice).case) == []
    old.refresh_from_db()
    assert old.is_open


def test_the_reference_of_the_patient_is_as_good_as_the_order(site, people):
    """Compared as Find compares, and a sex that one of the two lacks contradicts nothing."""
    without = {"AccessionNumber": None}
    old = sent(people.clinician, site, film(**without), patient_reference="Müller-7").case
    again = film(exporter="second", **without)
    new = sent(people.clinician, site, again, patient_reference=" müller-７", sex=Sex.MALE).case
    assert links(new) == [old.pk]


def test_another_site_s_case_is_none_of_it(site, other_site, people):
    old = sent(people.clinician, site, film()).case
    new = sent(people.stranger, other_site, film(exporter="second")).case
    old.refresh_from_db()
    assert old.is_open and links(new) == []


def test_the_reader_who_has_it_learns_it(site, people):
    old = sent(people.clinician, site, film()).case
    claims.claim(case=old, reader=people.reviewer)
    new = sent(people.clinician, site, film(exporter="second")).case
    reading = Reading.objects.get(case=old)
    assert (reading.ended, reading.signed_at) == ("withdrawn", None)
    for act in (
        lambda: claims.renew(case=old, reader=people.reviewer),
        lambda: signed(old, people.reviewer),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "case_replaced" and new.short_name in refused.value.message
    entry = AuditEntry.objects.get(verb="case.replaced")
    assert entry.detail["before"]["claimed_by"] == str(people.reviewer.pk)


def test_a_claim_that_had_run_out_is_said_first(site, people):
    old = sent(people.clinician, site, film()).case
    make_reading(old, people.reviewer, seconds=-1)
    sent(people.clinician, site, film(exporter="second"))
    verbs = AuditEntry.objects.filter(subject_id=str(old.pk)).order_by("pk")
    assert [entry.verb for entry in verbs][-2:] == ["case.claim_lapsed", "case.replaced"]


def test_a_third_version_replaces_the_second(site, people):
    first, second, third = (
        sent(people.clinician, site, film(exporter=name)).case for name in ("a", "b", "c")
    )
    second.refresh_from_db()
    assert links(third) == [first.pk, second.pk]
    assert (second.state, second.replaced_by, third.is_open) == ("withdrawn", third, True)
    assert third.received_at == first.received_at


def test_what_arrived_last_is_the_newest_whatever_is_decided_first(site, people):
    make_release()
    old, new = (
        arrive_case(**to_send(people.clinician, site, film(exporter=name))) for name in ("a", "b")
    )
    jobs = [decoding.claim_next(), decoding.claim_next()]
    for job in sorted(jobs, key=lambda job: job.case_id, reverse=True):
        decoding.record(job, decode(job))
        decision.conclude(job.case_id)
    old.refresh_from_db(), new.refresh_from_db()
    assert (old.state, old.replaced_by, new.state) == ("withdrawn", new, CaseState.RECEIVED)
    assert links(new) == [old.pk]
    assert new.images.get().jobs.exists() and not old.images.get().jobs.exists()
