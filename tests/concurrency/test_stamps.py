"""The stamp of a site while several connections write it: no order of commits hides a change."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from accounts.models import Site
from tests.concurrency.meeting import another_session
from tests.factories import make_case, make_people, make_reading, make_site
from triage.models import Case, Change
from triage.stamps import CHANGES_PER_SITE, prune_changes, stamp_of

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


@pytest.fixture
def clinic(committed_db):
    site = make_site()
    return site, make_people(site, make_site())


def write_case(other: Any, case: Case) -> None:
    other.execute("UPDATE triage_case SET accession_number = 'X' WHERE id = %s", [case.pk])


def test_who_wrote_first_and_commits_last_changes_the_stamp_too(clinic):
    site, people = clinic
    first, second = (make_case(site, people.clinician) for _ in range(2))
    with another_session() as slow, another_session() as quick:
        start = stamp_of([site.pk])
        write_case(slow, first)
        write_case(quick, second)
        assert stamp_of([site.pk]) == start  # nothing to be seen yet
        quick.commit()
        between = stamp_of([site.pk])
        assert between != start
        slow.commit()
        assert stamp_of([site.pk]) not in (start, between)


def test_a_write_that_is_taken_back_changes_nothing_and_nobody_waits(clinic):
    site, people = clinic
    first, second = (make_case(site, people.clinician) for _ in range(2))
    with another_session() as one, another_session() as two:
        start = stamp_of([site.pk])
        write_case(one, first)
        two.execute("SET lock_timeout = '2s'")
        write_case(two, second)  # both write the same site: neither waits for the other
        two.commit()
        after = stamp_of([site.pk])
        one.rollback()
        assert after != start
        assert stamp_of([site.pk]) == after


def test_a_prune_between_two_commits_hides_neither(clinic):
    """The write that began before the prune and committed after it must not bring an old stamp back."""
    site, people = clinic
    case = make_case(site, people.clinician)
    seen = set()
    with another_session() as slow:
        for turn in range(3):
            write_case(slow, case)  # not to be seen yet
            for number in range(CHANGES_PER_SITE + 1):
                Site.objects.filter(pk=site.pk).update(name=f"Name {turn} {number}")
            prune_changes()
            assert Change.objects.filter(site_id=site.pk).count() == 1
            seen.add(stamp_of([site.pk]))
            slow.commit()
            after = stamp_of([site.pk])
            assert after not in seen
            seen.add(after)
            for number in range(CHANGES_PER_SITE + 1):
                Site.objects.filter(pk=site.pk).update(name=f"More {turn} {number}")
            prune_changes()
            assert stamp_of([site.pk]) not in seen
            seen.add(stamp_of([site.pk]))


def test_two_prunes_at_once_do_not_wait(clinic):
    site, _ = clinic
    for number in range(CHANGES_PER_SITE + 1):
        Site.objects.filter(pk=site.pk).update(name=f"Name {number}")
    before = stamp_of([site.pk])
    with another_session() as other:
        other.execute("SELECT FROM triage_change FOR UPDATE")  # as another sweep holds them
        prune_changes()
        assert stamp_of([site.pk]) == before
    prune_changes()
    assert Change.objects.filter(site_id=site.pk).count() == 1


def test_a_claim_runs_out_by_the_databases_clock(clinic):
    site, people = clinic
    case = make_case(site, people.clinician)
    until = Now() + timedelta(milliseconds=300)
    make_reading(case, people.reviewer, claimed_until=until)
    before = stamp_of([site.pk])
    assert "/1/" in before
    time.sleep(0.5)
    assert "/0/" in stamp_of([site.pk])
