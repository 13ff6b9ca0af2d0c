"""A reader renews a claim at the moment at which another reader takes the case."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from accounts.refusals import Conflict
from tests.concurrency.test_two_at_once import at_once
from tests.factories import make_case, make_people, make_site
from triage.models import Reading
from triage.review.claims import claim, renew

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def test_a_claim_that_is_renewed_in_its_last_instant_is_not_ended():
    """The other reader comes after the lease, and before the renewal is committed."""
    site = make_site()
    people = make_people(site, make_site())
    case = make_case(site, people.clinician)
    reading = claim(case=case, reader=people.reviewer)
    Reading.objects.update(claimed_until=Now() + timedelta(seconds=2))
    is_renewed = threading.Event()

    @transaction.atomic
    def renew_slowly():
        renewed = renew(case=case, reader=people.reviewer)
        is_renewed.set()
        time.sleep(3.5)  # the old lease, which others still see, runs out meanwhile
        return renewed

    def claim_after_the_lease():
        assert is_renewed.wait(10)
        time.sleep(2.2)
        return claim(case=case, reader=people.clinician2)

    renewed, refused = at_once(renew_slowly, claim_after_the_lease)
    assert isinstance(renewed, Reading)
    assert isinstance(refused, Conflict)
    reading.refresh_from_db()
    assert reading.ended_at is None
