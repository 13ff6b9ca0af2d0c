"""A lease is renewed while work goes on, and never somebody else's."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.concurrency.meeting import another_session
from tests.factories import make_case, make_people, make_site
from tests.processes import wait_until
from triage.inference import queue
from triage.models import Job
from triage.queue import finish, lease, lock_claimed, renewal, renewing
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


@pytest.fixture
def jobs(monkeypatch):
    """Two claimed jobs, whose leases are renewed each twentieth of a second."""
    monkeypatch.setattr(renewal, "RENEWED_EVERY", timedelta(seconds=0.05))
    site = make_site()
    sender = make_people(site, make_site()).clinician
    for _ in range(2):
        make_case(site, sender, CaseState.RECEIVED)
    return queue.claim_jobs()


def nearly_run_out():
    Job.objects.update(leased_until=timezone.now() + timedelta(seconds=1))


def renewed():
    later = timezone.now() + timedelta(seconds=5)
    return Job.objects.filter(leased_until__gt=later).count()


def sessions():
    """The application's connections besides this test's own."""
    with another_session() as session:
        query = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = current_user AND pid NOT IN (%s, %s)"
        )
        own = [connection.connection.info.backend_pid, session.info.backend_pid]
        return [row[0] for row in session.execute(query, own)]


def test_a_lease_may_be_late_three_times():
    assert lease.LEASE >= 4 * lease.RENEWED_EVERY


def test_leases_are_renewed_until_the_work_ends(jobs):
    with renewing(jobs):
        for _ in range(2):  # more than once
            nearly_run_out()
            wait_until(lambda: renewed() == 2, 10, "the renewal")
    nearly_run_out()
    time.sleep(0.2)
    assert renewed() == 0
    assert sessions() == []


def test_work_that_raises_ends_the_renewals(jobs):
    with pytest.raises(ZeroDivisionError), renewing(jobs):
        raise ZeroDivisionError
    assert not [thread for thread in threading.enumerate() if thread.name == "lease renewal"]


def test_only_what_is_still_the_worker_s_own_is_renewed(jobs):
    """One is somebody else's by now, as after a sweep; the other one's result may be written."""
    with renewing(jobs):
        Job.objects.filter(pk=jobs[0].pk).update(attempt=2)
        nearly_run_out()
        wait_until(renewed, 10, "the renewal")
        time.sleep(0.2)
        assert renewed() == 1
        assert lock_claimed_ids(jobs) == [jobs[1].pk]


def lock_claimed_ids(jobs):
    with transaction.atomic():
        return [job.pk for job in lock_claimed(jobs)]


def test_a_job_that_ended_has_no_lease_any_more(jobs):
    with renewing(jobs):
        finish(jobs[:1])
        nearly = Job.objects.filter(pk=jobs[1].pk)
        nearly.update(leased_until=timezone.now() + timedelta(seconds=1))
        wait_until(renewed, 10, "the renewal of the other one")
    assert Job.objects.get(pk=jobs[0].pk).leased_until is None


def test_a_lost_connection_costs_one_renewal(jobs):
    with renewing(jobs):
        nearly_run_out()
        wait_until(renewed, 10, "the renewal")
        others = sessions()
        with another_session() as session:
            for process_id in others:
                session.execute("SELECT pg_terminate_backend(%s)", [process_id])
        nearly_run_out()
        wait_until(lambda: renewed() == 2, 10, "the renewal on a new connection")
