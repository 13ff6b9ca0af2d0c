"""A reader of many sites: one plan for all of them, and every case in its place."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Site
from accounts.roles import Role
from tests.factories import make_case, make_member, make_membership, make_site
from tests.plans import plans_of
from triage.models import Case
from triage.states import CaseState
from triage.worklist.orders import SORTS
from triage.worklist.query import WorklistQuery

SIZE = 4

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def reader(db):
    """Reads six sites with three open and one closed case each; many came or are due at the same time."""
    now = timezone.now()
    reader, sender = (
        make_member(make_site(), Role.REVIEWER),
        make_member(make_site(), Role.CLINICIAN),
    )
    for number in range(6):
        site = make_site()
        make_membership(reader, site, Role.REVIEWER)
        for place in range(3):
            received = now - timedelta(minutes=(number + place) % 3)
            due = now + timedelta(minutes=(number * place) % 4)
            make_case(site, sender, received_at=received, due_at=due, priority=place)
        make_case(site, sender, CaseState.REVIEWED, received_at=now - timedelta(days=number // 2))
    return reader


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_over_more_sites_than_a_page_has_rows_hold_every_case_once(reader, sort, order):
    walked(reader, f"sort={sort}&order={order}", Case.objects.open())


def test_closed_pages_over_many_sites_hold_every_case_once(reader):
    cases = walked(reader, "state=reviewed&state=withdrawn", Case.objects.filter(state="reviewed"))
    closed = [case.closed_at for case in cases]
    assert closed == sorted(closed, reverse=True)


def walked(reader, view, expected):
    query = WorklistQuery.from_params(QueryDict(view))
    whole = query.page(reader, 100).cases
    assert {case.pk for case in whole} == set(expected.values_list("pk", flat=True))
    seen, page = [], query.page(reader, SIZE)
    while True:
        seen += page.cases
        if not page.next_cursor:
            break
        following = QueryDict(query.params(cursor=page.next_cursor))
        page = WorklistQuery.from_params(following).page(reader, SIZE)
    assert seen == whole
    return seen


@pytest.mark.parametrize(
    "view", ["", "state=reviewed", "priority=stat", "sort=class", "sort=waiting"]
)
def test_a_site_more_changes_no_statement(reader, view):
    def asked():
        return [plan.sql for plan in plans_of(lambda: query.page(reader))]

    query = WorklistQuery.from_params(QueryDict(view))
    before = asked()
    for _ in range(20):
        make_membership(reader, make_site(), Role.REVIEWER)
    assert [shape(sql) for sql in asked()] == [shape(sql) for sql in before]


def shape(sql):
    """Without the ids of the page's cases, whose number is the page's."""
    return sql.split(" IN (")[0] if "LATERAL" not in sql else sql


def test_where_each_site_has_a_row_a_page_reads_little_more_than_those(reader):
    """Without the bound it would be a page of each site."""
    sender = make_member(make_site(), Role.CLINICIAN)
    sites = list(Case.objects.values_list("site", flat=True).distinct())
    near = timezone.now() - timedelta(days=1)
    for number in range(12):
        due = timezone.now() + timedelta(days=1 + number)
        make_case(Site.objects.get(pk=sites[number % 2]), sender, due_at=due)
    Case.objects.filter(priority=0).update(due_at=near, received_at=near - timedelta(days=1))
    with connection.cursor() as cursor:
        # Of so few rows PostgreSQL would sooner read all than walk an index, by statistics of other tests.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    listing = plans_of(lambda: WorklistQuery().page(reader, SIZE))[0]
    assert listing.rows("triage_case") <= 2 * len(sites) + SIZE
