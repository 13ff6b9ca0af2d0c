"""PostgreSQL gives up a transaction: people get a sentence, programs a 503, and the worker loses nothing."""

import logging

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.contention import contention, retry_contention
from tests.concurrency.meeting import another_session, impatient, meanwhile, wait_until_blocked
from tests.factories import make_case, make_people, make_site, usable_release
from triage.inference import queue
from triage.inference.worker.batch import work_on_batch, work_until_empty
from triage.inference.worker.loading import classifier_for
from triage.inference.worker.outcomes import Outcome, record_outcomes
from triage.models import Case, Job, Review
from triage.reasons import JobError
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("committed_db", "storage")

LOCK_CASE = "SELECT 1 FROM triage_case WHERE id = %s FOR NO KEY UPDATE"
LOCK_SITE = "SELECT 1 FROM accounts_site WHERE id = %s FOR UPDATE"
SIGNED = {"fracture": "none", "comment": "Clear."}


@pytest.fixture
def clinic(committed_db):
    site = make_site()
    return site, make_people(site, make_site())


@pytest.fixture
def reader(clinic):
    client = Client()
    client.force_login(clinic[1].reviewer)
    return client


def sign_page(reader, case):
    return reader.post(reverse("case_review", args=[case.pk]), SIGNED)


def test_a_lock_time_out_is_a_sentence_and_nothing_was_changed(clinic, reader, caplog):
    site, people = clinic
    case = make_case(site, people.clinician)
    with another_session() as other, impatient(150):
        other.execute(LOCK_CASE, [case.pk])
        answer = sign_page(reader, case)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    page = answer.content.decode()
    assert "busy with the same data" in page
    assert "Nothing was changed." in page
    assert not Review.objects.exists()
    (line,) = [each for each in caplog.records if "Busy" in each.getMessage()]
    assert (line.levelno, line.exc_info) == (logging.WARNING, None)
    assert "55P03" in line.getMessage()
    assert case.accession_number not in caplog.text
    assert sign_page(reader, case).status_code == 302


def in_a_circle(hold, want, act):
    """Another session holds what ``act`` will want, and then wants what ``act`` holds.

    Returns what ``act`` returned; None if PostgreSQL ended the other session instead. It ends the one that
    has waited for a second when the circle is there: on a busy machine the other may come later than that.
    """
    ended = []
    with another_session() as other:
        other.execute(*hold)

        def complete_the_circle():
            wait_until_blocked(by=other.info.backend_pid)
            try:
                other.execute(*want)
            except psycopg.errors.DeadlockDetected:
                ended.append(True)
            other.rollback()

        with meanwhile(complete_the_circle):
            result = act()
    return None if ended else result


def test_a_deadlock_is_a_sentence_and_nothing_was_changed(clinic, reader):
    """The reader's commit waits for the site, whose holder then waits for the reader's case."""
    site, people = clinic
    for _ in range(5):
        case = make_case(site, people.clinician)
        answer = in_a_circle(
            (LOCK_SITE, [site.pk]),
            (LOCK_CASE, [case.pk]),
            lambda case=case: sign_page(reader, case),
        )
        if answer is not None:
            break
    assert answer.status_code == 503
    assert "Nothing was changed." in answer.content.decode()
    assert Case.objects.get(pk=case.pk).state == CaseState.PREDICTED
    assert not Review.objects.filter(case=case).exists()


def test_the_api_says_the_same_in_its_shape(clinic, reader):
    site, people = clinic
    case = make_case(site, people.clinician)
    with another_session() as other, impatient(150):
        other.execute(LOCK_CASE, [case.pk])
        answer = reader.post(
            reverse("api_case_claim", args=[case.pk]), {}, content_type="application/json"
        )
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    error = answer.json()["error"]
    assert (error["code"], error["fields"]) == ("busy", {})
    assert "Nothing was changed." in error["message"]
    assert error["request_id"] == answer["X-Request-ID"]


def test_a_statement_that_takes_too_long_is_no_500(clinic, reader):
    site, people = clinic
    case = make_case(site, people.clinician)
    with another_session() as other, impatient(200, "statement_timeout"):
        other.execute(LOCK_CASE, [case.pk])
        assert sign_page(reader, case).status_code == 503


def test_what_was_saved_before_is_not_denied(clinic, reader, monkeypatch):
    """The signature is stored; what fails is a later step of the same request."""
    site, people = clinic
    case = make_case(site, people.clinician)

    def after(*args, **kwargs):
        with another_session() as other, impatient(100):
            other.execute(LOCK_SITE, [site.pk])
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(LOCK_SITE, [site.pk])

    monkeypatch.setattr("triage.web.case.messages.success", after)
    answer = sign_page(reader, case)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "A part was saved before that." in page
    assert "Nothing was changed" not in page
    assert Review.objects.count() == 1


def test_trouble_beyond_any_view_is_no_500_either(clinic, reader):
    """Who is signed in is asked by a middleware too, and by the page that would say so."""
    reader.raise_request_exception = False
    with another_session() as other, impatient(150):
        other.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
        answer = reader.post(reverse("upload"), {})
        assert answer.status_code == 503


def test_other_troubles_of_the_database_stay_errors(clinic):
    for trouble in ("SELECT 1/0", "SELECT no_such_column"):
        with pytest.raises(Exception) as failed, connection.cursor() as cursor:
            cursor.execute(trouble)
        assert contention(failed.value) is None
    assert contention(OperationalError("the connection is lost")) is None


def test_a_transaction_is_tried_again_a_few_times(clinic):
    site, people = clinic
    case = make_case(site, people.clinician)
    tries = []

    @transaction.atomic
    def act():
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute(LOCK_CASE, [case.pk])

    with another_session() as other, impatient(50):
        other.execute(LOCK_CASE, [case.pk])
        with pytest.raises(OperationalError):
            retry_contention(act)
        assert len(tries) == 3
    with transaction.atomic(), another_session() as other:
        other.execute(LOCK_CASE, [case.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(OperationalError):
            retry_contention(act)
        assert len(tries) == 4  # inside a transaction there is nothing left to try again
        transaction.set_rollback(True)


def running_job(clinic):
    site, people = clinic
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    return case, Job.objects.get(image__case=case)


def test_a_batch_that_met_a_lock_goes_back_to_the_queue_at_once(clinic, storage):
    classifier = classifier_for(usable_release())
    case, job = running_job(clinic)
    jobs = queue.claim_jobs()
    with another_session() as other, impatient(50):
        other.execute(LOCK_CASE, [case.pk])
        assert work_on_batch(jobs, classifier) == 0
    job.refresh_from_db()
    assert (job.state, job.attempts_left) == (JobState.QUEUED, 3)
    assert work_until_empty() == 1


def test_a_batch_that_met_a_deadlock_is_recorded_by_the_next_try(clinic, caplog):
    """A worker holds its job and wants the case; somebody holds the case and wants the job."""
    lock_job = "SELECT 1 FROM triage_job WHERE id = %s FOR NO KEY UPDATE"
    for _ in range(5):
        case, job = running_job(clinic)
        (claimed,) = queue.claim_jobs()
        outcome = Outcome(claimed, error=JobError.UNREADABLE, detail="")
        caplog.clear()
        recorded = in_a_circle(
            (LOCK_CASE, [case.pk]),
            (lock_job, [job.pk]),
            lambda outcome=outcome: record_outcomes([outcome]),
        )
        if recorded is not None:
            break
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert recorded == 1
    assert "(40P01); it is tried again" in caplog.text
    job.refresh_from_db()
    assert (job.state, job.attempts_left) == (JobState.QUEUED, 2)
