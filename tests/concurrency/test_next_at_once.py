"""Many readers press Next at the same moment, on real connections that really commit."""

import threading

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.refusals import Conflict
from accounts.roles import Role
from tests.concurrency.meeting import another_session
from tests.concurrency.test_lock_matrix import bare_case
from tests.concurrency.test_two_at_once import at_once
from tests.factories import make_member, make_site
from triage.models import Case, Reading, Review
from triage.review.next_case import NothingLeft, take_next
from triage.states import CaseState
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("committed_db")
READERS = 16


@pytest.fixture
def site(committed_db):
    return make_site()


def wait_for_readers(site, number):
    sender = make_member(site, Role.CLINICIAN)
    for at in range(number):
        bare_case(site, sender, CaseState.RECEIVED, accession_number=f"A-{at}")


def take(reader):
    try:
        return take_next(reader=reader, query=WorklistQuery())
    except NothingLeft:
        return None


def test_sixteen_readers_take_each_case_once(site, settings, whole_form):
    number = 1000 if whole_form else 120
    settings.CALLUS_CLAIMS_PER_READER = number
    wait_for_readers(site, number)
    readers = [make_member(site, Role.REVIEWER) for _ in range(READERS)]
    taken, errors, start = [], [], threading.Barrier(READERS)

    def run(reader):
        try:
            start.wait(30)
            while reading := take(reader):
                taken.append(reading.case_id)
        except Exception as error:
            errors.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=[reader]) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert errors == []
    assert len(taken) == len(set(taken)) == number
    assert Reading.objects.going_on().count() == number
    assert AuditEntry.objects.filter(verb="case.claimed").count() == number


def test_two_tabs_of_one_reader_dont_pass_the_limit(site, settings):
    settings.CALLUS_CLAIMS_PER_READER = 3
    wait_for_readers(site, 12)
    reader = make_member(site, Role.REVIEWER)
    results = at_once(*[lambda: take(reader)] * 8)
    kinds = [type(result) for result in results]
    assert (kinds.count(Reading), kinds.count(Conflict)) == (3, 5)
    assert Reading.objects.going_on().count() == 3


def test_a_case_that_a_worker_holds_for_a_moment_is_passed_over_or_waited_for(site):
    wait_for_readers(site, 2)
    first, second = Case.objects.order_by("due_at", "id")
    one, other = (make_member(site, Role.REVIEWER) for _ in range(2))
    with another_session() as worker:
        worker.execute("SELECT 1 FROM triage_case WHERE id = %s FOR NO KEY UPDATE", [first.pk])
        assert take(one).case_id == second.pk
        # The last one is locked: that is not "no more cases".
        released = threading.Timer(0.3, worker.rollback)
        released.start()
        assert take(other).case_id == first.pk
        released.join()
    assert take(other) is None


def test_sign_and_next_pressed_twice_at_one_moment_is_one_act(site):
    wait_for_readers(site, 3)
    first, second, _third = Case.objects.order_by("due_at", "id")
    reader = make_member(site, Role.REVIEWER)
    form = {"fracture": "none", "then": "next", "once": "the-same"}

    def press():
        client = Client()
        client.force_login(reader)
        return client.post(reverse("case_review", args=[first.pk]), form)["Location"]

    assert at_once(*[press] * 4) == [reverse("case", args=[second.pk])] * 4
    assert Review.objects.count() == 1
    assert Reading.objects.going_on().count() == 1
