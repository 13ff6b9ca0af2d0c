"""What has ended is read page by page, by an index: a site's history only grows."""

from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from accounts.identifiers import new_id
from accounts.refusals import Refused
from accounts.roles import Role
from tests.factories import (
    make_call_back,
    make_case,
    make_critical_result,
    make_membership,
    make_people,
    make_site,
)
from tests.pages import flat
from tests.plans import plans_of
from triage.models import CallBack, CriticalResult
from triage.report.call_back_list import closed_call_backs
from triage.report.critical_list import acknowledged_results
from triage.report.past import PAGE
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


def closed(case, by, count):
    """``count`` closed call-backs of the case, one an hour."""
    first = make_call_back(case, closed_at=timezone.now(), closed_by=by, outcome="informed")
    return copies(first, "closed_at", count)


def acknowledged(case, by, count):
    now = timezone.now()
    first = make_critical_result(case, acknowledged_at=now, acknowledged_by=by, next_at=None)
    return copies(first, "acknowledged_at", count)


def copies(first, ended_at, count):
    """``first`` and rows like it, each ended an hour before the last. The newest first."""
    made, values = (
        [first],
        {field.attname: getattr(first, field.attname) for field in first._meta.fields},
    )
    for number in range(1, count):
        ended = values[ended_at] - timedelta(hours=number)
        made.append(type(first)(**{**values, "id": new_id(), ended_at: ended}))
    type(first).objects.bulk_create(made[1:])
    return [row.pk for row in made]


LISTS = {
    "closed": (closed, closed_call_backs, "api_call_backs", "call_backs", {"closed": "1"}),
    "acknowledged": (
        *(acknowledged, acknowledged_results),
        *("api_critical_results", "critical_results", {}),
    ),
}


@pytest.fixture(params=LISTS)
def listed(request, site, people):
    make, pages, api, web, query = LISTS[request.param]
    case = make_case(site, people.clinician, CaseState.REVIEWED)
    ids = make(case, people.clinician, 2 * PAGE + 3)
    return request.param, ids, pages, api, web, query


def test_pages_hold_each_row_once_and_the_last_that_ended_first(listed, people):
    _name, ids, pages, *_rest = listed
    found, cursor = [], None
    for size in (PAGE, PAGE, 3):
        page = pages(people.clinician, cursor)
        assert len(page.rows) == size
        found += [row.pk for row in page.rows]
        cursor = page.next
    assert (found, cursor) == (ids, None)
    assert not pages(people.stranger, None).rows
    with pytest.raises(Refused, match="damaged"):
        pages(people.clinician, "x")


def test_the_page_and_rest_lead_on(listed, people, client, signed_in):
    name, ids, _pages, api, web, query = listed
    client.force_login(people.clinician)
    first = flat(client.get(reverse(web), query).content.decode())
    link = first.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(f"{reverse(web)}?{link}").content.decode()
    assert str(ids[0]) in first and str(ids[PAGE]) not in first
    assert str(ids[PAGE]) in second and str(ids[0]) not in second
    assert client.get(reverse(web), {**query, "cursor": "x"}).status_code == 404
    caller = signed_in(people.clinician)
    answer = caller.get(reverse(api), {"which": name}).json()
    assert [row["id"] for row in answer["results"]] == [str(pk) for pk in ids[:PAGE]]
    path = answer["next"].split("/", 3)[3]
    assert caller.get(f"/{path}").json()["results"][0]["id"] == str(ids[PAGE])
    assert caller.get(reverse(api), {"which": name, "cursor": "x"}).status_code == 400


@pytest.mark.parametrize("name", LISTS)
def test_a_page_reads_no_more_than_its_rows(committed_db, name):
    make, pages, *_rest = LISTS[name]
    site, other = make_site(), make_site()
    people = make_people(site, other)
    make_membership(people.clinician, other, Role.CLINICIAN)
    for where in (site, other):
        make(make_case(where, people.clinician, CaseState.REVIEWED), people.clinician, 3000)
    table = (CallBack if name == "closed" else CriticalResult)._meta.db_table
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    cursor_text = pages(people.clinician, None).next
    for where in (None, cursor_text):
        plans = plans_of(lambda where=where: pages(people.clinician, where))
        assert sum(plan.rows(table) for plan in plans) <= 6 * PAGE
