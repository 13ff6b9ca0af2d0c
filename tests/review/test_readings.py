"""A reading is a row: it begins with a claim, and says how it ended. Nobody deletes one."""

from datetime import timedelta

import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    ProgrammingError,
    connection,
    connections,
    transaction,
)
from django.utils import timezone

from accounts.refusals import Conflict
from accounts.roles import Role
from tests.factories import make_case, make_member, make_people, make_reading, make_site
from triage.intake.services import withdraw_case
from triage.models import Reading
from triage.review.claims import claim, give_back_claim, renew
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def ends(case):
    rows = Reading.objects.filter(case=case).order_by("opened_at")
    return [(row.reader.name.split()[0], row.ended, row.ended_at is not None) for row in rows]


def test_signing_ends_the_reading_and_the_review_names_it(case, people):
    reading = claim(case=case, reader=people.reviewer)
    assert ends(case) == [("Rita", "", False)]
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    assert review.reading == reading
    reading.refresh_from_db()
    assert (reading.ended, reading.signed_at) == ("signed", reading.ended_at)
    corrected = correct(review=review, reader=people.reviewer, given=GivenOpinion("not_assessable"))
    assert corrected.reading == reading
    assert ends(case) == [("Rita", "signed", True)]


def test_who_signs_without_a_claim_has_read_it_too(case, people):
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    assert review.reading.reader == people.reviewer
    assert ends(case) == [("Rita", "signed", True)]


def test_each_end_is_returned(case, site, people):
    claim(case=case, reader=people.reviewer)
    give_back_claim(case=case, reader=people.reviewer)
    make_reading(case, people.clinician2, seconds=-1)
    claim(case=case, reader=people.reviewer)
    withdraw_case(case=case, actor=people.reviewer, reason="Sent twice")
    assert ends(case) == [
        ("Rita", "released", True),
        ("Carl", "lapsed", True),
        ("Rita", "withdrawn", True),
    ]


def test_who_lost_a_claim_begins_a_reading_anew(case, people):
    first = make_reading(case, people.reviewer, seconds=-1)
    second = claim(case=case, reader=people.reviewer)
    assert second != first
    again = claim(case=case, reader=people.reviewer)
    assert (again, again.claimed_until > second.claimed_until) == (second, True)  # renewed
    assert ends(case) == [("Rita", "lapsed", True), ("Rita", "", False)]


def test_a_case_has_one_reading_at_a_time(case, people):
    make_reading(case, people.reviewer, seconds=-1)
    with pytest.raises(IntegrityError, match="one_per_case_at_a_time"), transaction.atomic():
        make_reading(case, people.clinician2)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"ended": "released"}, "ended_says_why"),
        ({"ended_at": timezone.now()}, "ended_says_why"),
        ({"ended": "signed", "ended_at": timezone.now()}, "signed_has_ended"),
        ({"signed_at": timezone.now()}, "signed_has_ended"),
    ],
)
def test_the_database_knows_how_a_reading_ends(case, people, fields, rule):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        make_reading(case, people.reviewer, **fields)


def test_a_reading_is_of_its_case_s_site(case, other_site, people):
    reading = make_reading(case, people.reviewer)
    with pytest.raises(IntegrityError, match="reading_is_of_its_cases_site"), transaction.atomic():
        Reading.objects.filter(pk=reading.pk).update(site=other_site)


def test_the_application_can_not_delete_a_reading(case, people):
    make_reading(case, people.reviewer)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Reading.objects.all().delete()
    denied = pytest.raises(ProgrammingError, match="permission denied")
    with denied, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE triage_reading")


def version(table, key):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ctid::text, xmin::text FROM {table} WHERE id = %s", [key])
        return cursor.fetchone()


def test_a_renewal_writes_the_reading_alone(case, people):
    reading = claim(case=case, reader=people.reviewer)
    before = version("triage_case", case.pk), version("triage_reading", reading.pk)
    renewed = renew(case=case, reader=people.reviewer)
    assert renewed.claimed_until > reading.claimed_until
    assert version("triage_case", case.pk) == before[0]
    assert version("triage_reading", reading.pk) != before[1]


def test_a_reader_who_lost_the_role_does_not_renew(case, site):
    reader = make_member(site, Role.REVIEWER)
    make_reading(case, reader)
    reader.memberships.update(is_active=False)
    with pytest.raises(Exception, match="Only a clinician or reviewer"):
        renew(case=case, reader=reader)


def test_a_claim_that_ran_out_is_not_renewed(case, people):
    reading = make_reading(
        case, people.reviewer, claimed_until=timezone.now() - timedelta(seconds=1)
    )
    with pytest.raises(Conflict):
        renew(case=case, reader=people.reviewer)
    assert ends(case) == [("Rita", "", False)]
    assert reading.is_claimed is False


@pytest.mark.parametrize("ended", ["released", "lapsed", "withdrawn", "signed"])
@pytest.mark.parametrize(
    "change",
    [
        {"ended": "released", "signed_at": None},
        {"ended_at": None, "ended": "", "signed_at": None},
        {"claimed_until": timezone.now() + timedelta(days=1)},
        {"opened_at": timezone.now() - timedelta(days=9)},
    ],
    ids=["why", "not at all", "until", "since"],
)
def test_a_reading_that_has_ended_is_not_changed(case, people, ended, change):
    now = timezone.now()
    signed_at = now if ended == "signed" else None
    make_reading(case, people.reviewer, ended=ended, ended_at=now, signed_at=signed_at)
    with pytest.raises(DatabaseError, match="is history"), transaction.atomic():
        Reading.objects.update(**change)


@pytest.mark.parametrize("name", ["reader", "case", "opened_at"])
def test_a_reading_that_goes_on_stays_what_it_is_of(case, site, people, name):
    make_reading(case, people.reviewer)
    other = {
        "reader": people.clinician2,
        "case": make_case(site, people.clinician),
        "opened_at": timezone.now() - timedelta(days=9),
    }
    with pytest.raises(DatabaseError, match="is history"), transaction.atomic():
        Reading.objects.update(**{name: other[name]})


def test_nobody_deletes_a_reading_not_even_the_owner_of_the_table(committed_db, storage):
    site, other = make_site(), make_site()
    people = make_people(site, other)
    make_reading(make_case(site, people.clinician), people.reviewer)
    for statement in ("DELETE FROM triage_reading", "TRUNCATE triage_reading CASCADE"):
        refused = pytest.raises(DatabaseError, match="append-only")
        with refused, transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute(statement)
    assert Reading.objects.count() == 1
