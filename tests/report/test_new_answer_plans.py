"""What is new to a sender is found by its index, however many answers they have seen."""

import pytest
from django.db import connection, connections

from accounts.roles import Role
from tests.factories import make_case, make_member, make_site
from tests.plans import plans_of
from tests.worklist.history import CASES
from triage.disclosure import disclosure_for
from triage.models import Case, NewAnswer
from triage.report.ready_lists import ready_lists
from triage.report.sent import PAGE, new_answers, sent_cases
from triage.states import CaseState

HISTORY, NEW_TO_FEW, NEW_TO_MANY = 4_000, 70, 1_500
REVIEWS = """
    INSERT INTO triage_review
        (id, case_id, reader_id, stage, fracture, classes, comment, agrees, places, other_finding, signed_at)
    SELECT uuidv7(), id, %(reader)s, 'second_opinion', 'none', '{}', '', false, '[]', '', closed_at
    FROM triage_case WHERE state = 'reviewed'
"""


@pytest.fixture
def senders(committed_db, storage):
    """Of 4,000 answers one person sees 70 as new; another one has seen none of 1,500."""
    site = make_site()
    few, many = make_member(site, Role.CLINICIAN), make_member(site, Role.CLINICIAN)
    example = make_case(site, few)
    given = {"site": site.pk, "slug": "a", "opened": False, "reader": many.pk}
    given |= {"prediction": example.deciding_prediction_id}
    with connection.cursor() as cursor:
        for person, number in ((few, HISTORY), (many, NEW_TO_MANY)):
            cursor.execute(CASES, {**given, "sender": person.pk, "number": number})
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE triage_case")
    with connection.cursor() as cursor:
        cursor.execute(REVIEWS, given)
    mine = Case.objects.filter(sender=few, state=CaseState.REVIEWED).order_by("-pk")
    NewAnswer.objects.filter(case__in=mine.values("pk")[NEW_TO_FEW:]).delete()
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE triage_newanswer, triage_case, triage_review")
    return few, many


def rows_read(act):
    """The most new answers that one statement reads."""
    return max(plan.rows("triage_newanswer") for plan in plans_of(act))


def test_no_page_and_no_count_reads_what_was_seen_or_is_others(senders):
    few, many = senders
    for cases in (new_answers, sent_cases):
        assert len(cases(few).cases) == PAGE
        assert rows_read(lambda cases=cases: cases(few)) <= NEW_TO_FEW
        assert rows_read(lambda cases=cases: cases(many)) <= PAGE + 1
    assert rows_read(lambda: ready_lists(few, disclosure_for(few))) <= NEW_TO_FEW
