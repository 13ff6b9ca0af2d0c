"""Workers that end the last files of a case at the same moment decide once, and some one of them does."""

import threading

import pytest
from django.db import connections

from accounts.models import AuditEntry
from tests.concurrency.meeting import StoppableThread, meet
from tests.factories import incoming, make_people, make_site, picture_bytes
from triage.intake import decision, queue
from triage.intake.decision import conclude
from triage.intake.decoding import decode
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.models import Case, Image
from triage.states import CaseState
from triage.vocabulary import BodyPart, Source

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


@pytest.fixture
def case():
    site = make_site()
    people = make_people(site, make_site())
    files = [incoming("one.png"), incoming("two.png", picture_bytes(2))]
    return arrive_case(
        sender=people.clinician,
        site=site,
        files=files,
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    )


def received_once(case):
    verbs = AuditEntry.objects.filter(subject_id=str(case.pk)).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["case.arrived", "case.received"]
    assert Case.objects.get(pk=case.pk).state == CaseState.RECEIVED
    assert Image.objects.filter(case=case).count() == 2


def test_two_workers_that_end_the_last_two_jobs_together_decide_once(case):
    """Both commit their own job's end before either looks whether all have ended."""
    jobs = [queue.claim_next(), queue.claim_next()]
    answers = [decode(job) for job in jobs]
    together = threading.Barrier(2)

    def end(job, answer):
        together.wait()
        queue.record(job, answer)
        conclude(job.case_id)
        connections["default"].close()

    threads = [threading.Thread(target=end, args=pair) for pair in zip(jobs, answers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    received_once(case)


def test_who_comes_second_to_a_decision_changes_nothing(case):
    """The first is stopped after each of its statements that takes a lock, and the second one comes then."""
    for job in (queue.claim_next(), queue.claim_next()):
        queue.record(job, decode(job))
    first = StoppableThread(lambda: decision._conclude(case.pk), stop_after=1)
    second = StoppableThread(lambda: decision._conclude(case.pk))
    meet(first, second)
    assert (first.error, second.error) == (None, None)
    received_once(case)
