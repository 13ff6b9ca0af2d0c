"""What a reader sees in the worklist, in which order, page by page."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.refusals import Refused
from accounts.roles import Role
from tests.factories import make_case, make_member, make_membership, make_reading
from triage.disclosure import Sortable
from triage.models import Case
from triage.review.claims import claim
from triage.states import CaseState
from triage.vocabulary import Call, Priority
from triage.worklist import paging
from triage.worklist.orders import SORTS, orders
from triage.worklist.query import WorklistQuery

# JSON nested deeper than Python recurses.
DEEP = base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=")

FINDINGS = (
    {"call": "positive"},
    {},  # of a release that knows types only
    {"call": "doubt"},
    {"call": "negative"},
    {"assessable": False, "reason": "This looks like a photograph."},
)


@pytest.fixture
def cases(site, people, storage):
    """Twelve open cases whose keys collide on purpose: ties must neither vanish nor repeat."""
    now = timezone.now()
    return [
        make_case(
            site,
            people.clinician,
            top=("spiral", "avulsion", "oblique")[number % 3],
            confidence=(0.3, 0.6, 0.6, 0.9)[number % 4],
            finding=FINDINGS[number % 5],
            priority=Priority.values[number % 3],
            received_at=now - timedelta(minutes=number // 2),
            due_at=now + timedelta(minutes=(number * 7) % 5),
        )
        for number in range(12)
    ]


def ids(page):
    return [case.pk for case in page.cases]


def walk(query, user, size):
    """All pages forward, then back again to the first."""
    page = query.page(user, size)
    seen = [ids(page)]
    while page.next_cursor:
        page = WorklistQuery.from_params(QueryDict(query.params(cursor=page.next_cursor))).page(
            user, size
        )
        seen.append(ids(page))
    back = [seen[-1]]
    while page.previous_cursor:
        page = WorklistQuery.from_params(QueryDict(query.params(cursor=page.previous_cursor))).page(
            user, size
        )
        back.insert(0, ids(page))
    return seen, back


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_case_once_forwards_and_backwards(cases, people, sort, order):
    query = WorklistQuery.from_params({"sort": sort, "order": order})
    seen, back = walk(query, people.reviewer, 5)
    flat = [each for page in seen for each in page]
    assert sorted(flat) == sorted(case.pk for case in cases)
    assert [len(page) for page in seen] == [5, 5, 2]
    assert seen == back


@pytest.mark.parametrize("sort", SORTS)
def test_each_sort_sorts_by_its_key(cases, people, sort):
    order = orders(Sortable())[sort]
    turned = next(key.field for key in order if not key.fixed)
    for descending in (False, True):
        shown = WorklistQuery(sort=sort, descending=descending).page(people.reviewer).cases
        for call in Call if order[0].fixed else [None]:
            values = [getattr(case, turned) for case in shown if call in (None, case.call)]
            assert values == sorted(values, reverse=descending)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("asked", [{}, {"state": ["third", "failed", "predicted"]}])
def test_the_order_by_state_goes_by_the_deadline_within_each(
    site, people, storage, descending, asked
):
    """One keyset for all states: pages of one case each hold every case once."""
    now = timezone.now()
    states = (CaseState.PREDICTED, CaseState.RECEIVED, CaseState.FAILED, CaseState.THIRD)
    for number in range(12):
        state = states[number % 4]
        third = {"third_because": ["first"]} if state == CaseState.THIRD else {}
        due_at = now + timedelta(minutes=number % 3 + 1)
        make_case(site, people.clinician, state, due_at=due_at, **third)
    wanted = asked.get("state", ["received", "failed", "predicted"])
    shown = sorted(Case.objects.filter(state__in=wanted), key=lambda case: (case.due_at, case.pk))
    shown.sort(key=lambda case: case.state, reverse=descending)
    order = "desc" if descending else "asc"
    query = WorklistQuery.from_params({"sort": "state", "order": order, **asked})
    assert ids(query.page(people.reviewer)) == [case.pk for case in shown]
    forwards, back = walk(query, people.reviewer, 1)
    assert forwards == back == [[case.pk] for case in shown]


@pytest.mark.parametrize("descending", [False, True])
def test_by_class_a_suspected_fracture_comes_first(cases, site, people, descending):
    make_case(site, people.clinician, CaseState.RECEIVED)
    shown = WorklistQuery(sort="class", descending=descending).page(people.reviewer).cases
    found = [case.call for case in shown]
    assert found == sorted(found)
    assert set(found) == set(Call)


def test_by_confidence_a_surer_doubt_comes_before_a_fracture_that_is_suspected(
    site, people, storage
):
    """The column says confidence and goes by it; the other way round is the same list turned."""
    sure = [make_case(site, people.clinician, confidence=share) for share in (0.61, 0.26)]
    doubt = make_case(site, people.clinician, finding={"call": "doubt"}, confidence=0.53)
    none = make_case(site, people.clinician, finding={"call": "negative"})
    wanted = [case.pk for case in (sure[0], doubt, sure[1], none)]
    for params in ({}, {"confidence_max": "0.6"}, {"call": ["doubt", "negative"]}):
        found = []
        for order in ("desc", "asc"):
            query = WorklistQuery.from_params({"sort": "confidence", "order": order, **params})
            found.append(ids(query.page(people.reviewer)))
        passing = {case.pk for case in Case.objects.all() if _passes(case, params)}
        assert found[0] == [key for key in wanted if key in passing]
        assert found[1] == found[0][::-1]


def _passes(case, params):
    if "call" in params:
        return case.call in (Call.DOUBT, Call.NEGATIVE)
    return "confidence_max" not in params or (case.call <= Call.DOUBT and case.confidence <= 0.6)


def test_the_default_is_the_deadline(cases, people):
    page = WorklistQuery.from_params({}).page(people.reviewer)
    assert ids(page) == [case.pk for case in sorted(cases, key=lambda each: (each.due_at, each.pk))]


def test_two_sites_are_merged_in_one_order(cases, people, site, other_site):
    make_membership(people.reviewer, other_site, Role.REVIEWER)
    sender = people.stranger
    others = [
        make_case(
            other_site,
            sender,
            received_at=case.received_at,
            due_at=case.due_at + timedelta(seconds=1),
        )
        for case in cases[:4]
    ]
    page = WorklistQuery().page(people.reviewer)
    assert ids(page) == [
        case.pk for case in sorted([*cases, *others], key=lambda each: (each.due_at, each.pk))
    ]


def test_a_stranger_sees_nothing_and_can_not_name_the_site(cases, people, site):
    assert WorklistQuery().page(people.stranger).cases == []
    with pytest.raises(Refused, match="site of this name"):
        WorklistQuery.from_params({"site": site.slug}).page(people.stranger)


def test_admin_staff_and_former_members_see_no_case(cases, people, site):
    former = make_member(site, Role.REVIEWER)
    former.memberships.update(is_active=False)
    for person in (people.admin, people.staff, former):
        assert WorklistQuery().page(person).cases == []


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        (
            "class=spiral&class=oblique",
            lambda case: case.predicted_class in ("spiral", "oblique") and case.call <= 1,
        ),
        (
            "class=spiral&call=negative",
            lambda case: case.predicted_class == "spiral" and case.call == 2,
        ),
        ("call=positive", lambda case: case.call == Call.POSITIVE),
        ("call=negative&call=not_assessable", lambda case: case.call in (2, 3)),
        ("call=unread", lambda case: False),
        (
            "confidence_min=0.5&confidence_max=0.7",
            lambda case: 0.5 <= case.confidence <= 0.7 and case.call <= 1,
        ),
        ("confidence_max=0.5", lambda case: case.confidence <= 0.5 and case.call <= 1),
        ("priority=stat", lambda case: case.priority == Priority.STAT),
        ("priority=0&priority=routine", lambda case: case.priority != Priority.URGENT),
        ("site=north", lambda case: True),
        ("late=1", lambda case: case.due_at < timezone.now()),
        ("read_today=1", lambda case: False),
        ("state=failed", lambda case: False),
    ],
)
def test_filters(cases, people, params, wanted):
    page = WorklistQuery.from_params(QueryDict(params)).page(people.reviewer)
    assert set(ids(page)) == {case.pk for case in cases if wanted(case)}


def test_mine_are_the_cases_i_hold_now(cases, people):
    claim(case=cases[2], reader=people.reviewer)
    claim(case=cases[5], reader=people.clinician2)
    make_reading(cases[7], people.reviewer, seconds=-1)
    assert ids(WorklistQuery.from_params({"mine": "1"}).page(people.reviewer)) == [cases[2].pk]


def test_dates_include_both_days(cases, people, site):
    old = make_case(site, people.clinician, received_at=timezone.now() - timedelta(days=3))
    day = old.received_at.date().isoformat()
    page = WorklistQuery.from_params({"from": day, "to": day}).page(people.reviewer)
    assert ids(page) == [old.pk]


def test_closed_cases_are_shown_when_asked_for(people, site, storage):
    closed = make_case(site, people.clinician, CaseState.REVIEWED)
    assert WorklistQuery().page(people.reviewer).cases == []
    assert ids(WorklistQuery.from_params({"state": "reviewed"}).page(people.reviewer)) == [
        closed.pk
    ]


@pytest.mark.parametrize(
    "params",
    [
        "sort=luck",
        "order=up",
        "class=bent",
        "call=2",
        "confidence_min=1.5",
        "confidence_min=abc",
        "state=asleep",
        "priority=9",
        "from=yesterday",
        "from=2026-13-45",
        "cursor=xyz",
        "cursor=WzAsMSwyXQ",
        f"cursor={DEEP}",
        "q=%00",
        "q=ACC-1",
        "state=reviewed&sort=class",
        "state=reviewed&state=failed",
        "colour=red",
        "mine=perhaps",
    ],
)
def test_a_filter_that_can_not_be_meant_is_refused_with_its_name(params):
    with pytest.raises(Refused) as refused:
        WorklistQuery.from_params(QueryDict(params))
    if not params.startswith("cursor"):
        assert refused.value.message.split(":")[0] in params


def test_the_url_holds_the_whole_view():
    text = (
        "sort=class&order=desc&call=doubt&class=spiral&confidence_min=0.5&state=predicted&priority=stat"
        "&site=north&mine=1&from=2026-01-01&to=2026-02-01"
    )
    query = WorklistQuery.from_params(QueryDict(text))
    assert WorklistQuery.from_params(QueryDict(query.params())) == query
    assert query.is_filtered
    assert not WorklistQuery(sort="class").is_filtered


def test_the_query_count_does_not_grow_with_the_list(
    cases, people, site, django_assert_max_num_queries
):
    for _ in range(8):
        make_case(site, people.clinician, images=2)
    with django_assert_max_num_queries(5):
        page = WorklistQuery().page(people.reviewer)
        for case in page.cases:
            _ = case.site.name, case.claimed_by, case.first_image.thumbnail


def test_a_cursor_of_a_vanished_case_still_holds_the_place(cases, people):
    page = WorklistQuery().page(people.reviewer, 5)
    Case.objects.filter(pk=page.cases[-1].pk).update(
        state=CaseState.REVIEWED, closed_at=timezone.now()
    )
    following = WorklistQuery(cursor=page.next_cursor).page(people.reviewer, 5)
    assert not set(ids(following)) & set(ids(page))
    assert len(following.cases) == 5


@pytest.mark.parametrize(
    ("sort", "values"),
    [
        ("priority", [float("inf"), "2026-01-01T00:00:00+00:00", str(uuid4())]),
        ("confidence", [10**400, str(uuid4())]),
        ("confidence", [float("nan"), str(uuid4())]),
        ("class", ["\0", 0.5, str(uuid4())]),
        ("class", ["\ud800", 0.5, str(uuid4())]),
        ("deadline", ["2026-01-01T00:00:00", str(uuid4())]),
    ],
)
def test_a_forged_cursor_is_refused(sort, values):
    forged = base64.urlsafe_b64encode(json.dumps([0, *values]).encode()).decode().rstrip("=")
    with pytest.raises(Refused) as refused:
        WorklistQuery.from_params({"sort": sort, "cursor": forged})
    assert refused.value.code == "bad_cursor"


def test_the_last_day_of_all_is_a_date_too(cases, people):
    page = WorklistQuery.from_params({"to": "9999-12-31"}).page(people.reviewer)
    assert len(page.cases) == len(cases)


def test_an_unknown_uuid_site_is_refused(cases, people):
    with pytest.raises(Refused):
        WorklistQuery.from_params({"site": str(uuid4())}).page(people.reviewer)


@pytest.mark.parametrize("state", ["state=reviewed", "state=reviewed&state=withdrawn"])
def test_closed_cases_are_listed_by_closing_time_the_newest_first(people, site, storage, state):
    made = [make_case(site, people.clinician, CaseState.REVIEWED) for _ in range(7)]
    for number, case in enumerate(made):
        closed = timezone.now() - timedelta(hours=(number * 3) % 5)
        Case.objects.filter(pk=case.pk).update(closed_at=closed)
    query = WorklistQuery.from_params(QueryDict(state))
    seen, back = walk(query, people.reviewer, 3)
    stored = Case.objects.in_bulk()
    order = sorted(stored.values(), key=lambda case: (-case.closed_at.timestamp(), case.pk))
    assert [case_id for page in seen for case_id in page] == [case.pk for case in order]
    assert seen == back


def test_the_page_leaves_the_sort_out_where_closed_cases_are_asked_for(people, site, storage):
    params = QueryDict("state=reviewed&sort=class&order=desc")
    query = WorklistQuery.from_params(params, without_sort_of_closed=True)
    assert query == WorklistQuery.from_params({"state": "reviewed"})


LONG_AGO = datetime(2019, 6, 1, tzinfo=UTC)


def test_looking_stops_and_the_next_page_looks_further(cases, people, site, monkeypatch):
    """Every case that passes is shown once, however few of those scanned pass."""
    monkeypatch.setattr(
        paging, "ROWS_SCANNED_PER_RESULT", 1
    )  # of a page of 2 cases: 2 rows at most
    Case.objects.filter(pk=cases[9].pk).update(received_at=LONG_AGO)
    query = WorklistQuery.from_params({"to": "2019-12-31"})  # has no index in the usual order
    page = query.page(people.reviewer, 2)
    assert page.is_partial
    assert page.next_cursor
    seen, _back = walk(query, people.reviewer, 2)
    assert [case_id for shown in seen for case_id in shown] == [cases[9].pk]
    assert len(seen) > 1


def test_of_several_sites_none_is_passed_over_where_looking_stops(
    cases, people, site, other_site, monkeypatch
):
    """One site stops before the other: what the other knows of beyond that place waits for a later page."""
    monkeypatch.setattr(paging, "ROWS_SCANNED_PER_RESULT", 1)
    make_membership(people.reviewer, other_site, Role.REVIEWER)
    last = max(cases, key=lambda case: case.due_at)
    Case.objects.filter(pk=last.pk).update(received_at=LONG_AGO)
    others = [
        make_case(
            other_site,
            people.stranger,
            received_at=LONG_AGO,
            due_at=last.due_at + timedelta(minutes=minutes),
        )
        for minutes in (-2, 1)
    ]
    seen, _back = walk(WorklistQuery.from_params({"to": "2019-12-31"}), people.reviewer, 2)
    flat = [case_id for page in seen for case_id in page]
    assert flat == [others[0].pk, last.pk, others[1].pk]


def test_a_day_is_the_readers_own(people, site, storage):
    """Half past eleven in the evening of the reader's day is the next day by UTC."""
    late = datetime(2026, 3, 1, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    case = make_case(site, people.clinician, received_at=late)
    view = WorklistQuery.from_params({"from": "2026-03-01", "to": "2026-03-01"})
    with timezone.override("America/New_York"):
        assert ids(view.page(people.reviewer)) == [case.pk]
    assert ids(view.page(people.reviewer)) == []


def test_a_case_that_stayed_open_for_long_is_among_those_of_its_day(people, site, storage):
    """Closing time shows the day of arrival of most cases; the others must not be passed over."""
    came = timezone.now() - timedelta(days=30)
    made = [
        make_case(site, people.clinician, CaseState.REVIEWED, received_at=came) for _ in range(4)
    ]
    open_for = (
        timedelta(hours=1),
        timedelta(days=3),
        timedelta(days=3, seconds=1),
        timedelta(days=29),
    )
    for case, time in zip(made, open_for, strict=True):
        Case.objects.filter(pk=case.pk).update(closed_at=came + time)
    make_case(site, people.clinician, CaseState.REVIEWED)
    day = came.date().isoformat()
    for view in (f"to={day}", f"from={day}&to={day}"):
        query = WorklistQuery.from_params(QueryDict(f"state=reviewed&{view}"))
        assert ids(query.page(people.reviewer)) == [case.pk for case in made[::-1]]
