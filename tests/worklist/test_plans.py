"""No list reads a site's history through: 100,000 closed cases, sites of very different sizes."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from tests.conftest import empty_all_tables
from tests.plans import plans_of
from tests.worklist.history import SIZES, make_history
from triage.api.pagination import newest_first
from triage.disclosure import Sortable, disclosure_for
from triage.report.ready_lists import READY_LISTS, ready_lists
from triage.review import next_case
from triage.review.next_case import FIRST, FURTHER, candidates, take_next
from triage.review.previous import LAST, last_signed
from triage.vocabulary import Call
from triage.worklist.deadlines import WaitTable
from triage.worklist.find import find
from triage.worklist.hits import MOST_HITS, NEWEST
from triage.worklist.orders import SORTS, orders
from triage.worklist.paging import PAGE, ROWS_SCANNED_PER_RESULT
from triage.worklist.position import position_of
from triage.worklist.preview import LISTED, preview_of
from triage.worklist.preview import MOST as MOST_PREVIEWED
from triage.worklist.query import WorklistQuery

MOST = 2 * ROWS_SCANNED_PER_RESULT * PAGE  # a scanned row is read in the index and by its id
BESIDE = ("triage_review", "triage_interimopinion", "triage_skip", "triage_callback")
TABLES = ("triage_case", "triage_reading", "accounts_auditentry", *BESIDE)


@pytest.fixture(scope="module")
def history(django_db_setup, django_db_blocker) -> Iterator[SimpleNamespace]:
    """Really committed and analysed, so that the plans are those of a running site."""
    with django_db_blocker.unblock():
        yield make_history()
        connections["default"].close()
        empty_all_tables()
        connections["owner"].close()


def ago(days: float) -> str:
    return (timezone.now() - timedelta(days=days)).date().isoformat()


FILTERS = [
    *("", "call=doubt", "call=not_assessable", "call=positive&call=doubt"),
    *("class=pathological", "class=spiral", "class=pathological&class=spiral&class=hairline"),
    *("confidence_min=0.99", "confidence_max=0.01", "confidence_min=0.5&confidence_max=0.6"),
    *(
        "priority=stat",
        "priority=routine",
        "mine=1",
        "free=1",
        "late=1",
        "FROM_YEAR",
        "FROM_WEEK",
        "TO_YEAR",
        "TO_WEEK",
    ),
    "DAY",
]
OPEN = ("", "state=failed", "state=predicted", "state=received&state=failed")
CLOSED = ("state=reviewed", "state=withdrawn", "state=reviewed&state=withdrawn")
DAYS = {
    "FROM_YEAR": lambda: f"from={ago(365)}",
    "FROM_WEEK": lambda: f"from={ago(7)}",
    "TO_YEAR": lambda: f"to={ago(365)}",
    "TO_WEEK": lambda: f"to={ago(7)}",
    "DAY": lambda: f"from={ago(100)}&to={ago(100)}",
}


def pages(history, text):
    """The first page of the view and, if it has one, the page after the next."""
    query = WorklistQuery.from_params(QueryDict(text))
    first = query.page(history.reader)
    if first.next_cursor:
        following = QueryDict(query.params(cursor=first.next_cursor))
        WorklistQuery.from_params(following).page(history.reader)


def read(act, most, table="triage_case"):
    """Explains what ``act`` asks; asserts that no statement reads more of a table than ``most`` rows."""
    for plan in plans_of(act):
        assert [each for each in TABLES if plan.scans_whole(each)] == [], plan.sql
        for each in (table, *BESIDE):
            assert plan.rows(each) <= most, f"{plan.rows(each)} of {each}: {plan.sql}"


@pytest.mark.parametrize("state", [*OPEN, *CLOSED])
@pytest.mark.parametrize("narrowed", FILTERS)
def test_no_filter_reads_more_than_a_few_pages_of_a_site(history, narrowed, state):
    narrowed = DAYS[narrowed]() if narrowed in DAYS else narrowed
    for site in SIZES:
        view = "&".join(filter(None, (narrowed, state, f"site={site}")))
        read(lambda view=view: pages(history, view), MOST)
    view = "&".join(filter(None, (narrowed, state)))
    read(lambda: pages(history, view), MOST * len(SIZES))


@pytest.mark.parametrize("sort", SORTS)
def test_no_order_of_open_cases_reads_more_than_its_page(history, sort):
    for order in ("asc", "desc"):
        view = f"sort={sort}&order={order}"
        # A page begins in as many ranges of the index as the order has columns.
        columns = len(orders(Sortable())[sort])
        branches = len(Call) if sort == "confidence" else 1
        most = (PAGE + 2) * columns * branches * len(SIZES)
        read(lambda view=view, most=most: pages(history, view), most)


NEXT_OF = ["", "sort=class", "sort=waiting&order=desc", "state=failed", "call=doubt", "mine=1"]


@pytest.mark.parametrize("view", NEXT_OF)
def test_next_reads_a_few_cases_of_each_site(history, settings, view):
    """Of thousands that wait. The statement that locks one looks at those alone that were found before."""
    settings.CALLUS_CLAIMS_PER_READER = 1000

    def act():
        with transaction.atomic():
            take_next(reader=history.reader, query=WorklistQuery.from_params(QueryDict(view)))
            transaction.set_rollback(True)

    read(act, 2 * (FIRST + 2) * len(SIZES))


@pytest.mark.parametrize("view", NEXT_OF)
def test_the_pictures_ahead_read_a_few_cases_of_each_site(history, view):
    query, disclosure = WorklistQuery.from_params(QueryDict(view)), disclosure_for(history.reader)
    read(lambda: candidates(history.reader, query, disclosure), 2 * (FIRST + 2) * len(SIZES))


def test_where_all_are_held_the_pictures_ahead_look_no_further_than_they_may(history, monkeypatch):
    monkeypatch.setattr(next_case, "free_for", lambda reader: Q(accession_number="nobody's"))
    disclosure = disclosure_for(history.reader)
    assert candidates(history.reader, WorklistQuery(), disclosure) == []
    read(
        lambda: candidates(history.reader, WorklistQuery(), disclosure),
        2 * FURTHER * len(SIZES),
    )


def test_what_a_reader_signed_last_is_read_by_its_index(history):
    plans = plans_of(lambda: list(last_signed(history.reader)))
    (of_reviews,) = [plan for plan in plans if plan.of("triage_review")]
    used = {node.get("Index Name") for node in of_reviews.nodes}
    assert "review_last_of_reader" in used, of_reviews.sql
    assert of_reviews.rows("triage_review") <= 2 * LAST, of_reviews.sql


@pytest.mark.parametrize("who", ["reader", "sender"])
def test_ready_lists_count_no_further_than_they_say(history, who):
    """Who sent all of it, and who reads it: a row is read once more where its reader is asked for."""
    counted, person = [], getattr(history, who)
    for plan in plans_of(lambda: counted.append(ready_lists(person, disclosure_for(person)))):
        # A scan that stops at the thousandth row is no scan of a history: the rows that it read say so.
        assert [each for each in TABLES[1:] if plan.scans_whole(each)] == [], plan.sql
        assert plan.rows("triage_case") <= 2 * 1001 * len(READY_LISTS), plan.sql
        for each in BESIDE:  # looked up for the rows of one or two lists
            assert plan.rows(each) <= 2 * 1001, f"{plan.rows(each)} of {each}: {plan.sql}"
    assert {entry.ready.name for entry in counted[0] if entry.is_more} >= {"to_read", "suspected"}


@pytest.mark.parametrize("view", ["", "sort=class", "confidence_max=0.01", "TO_YEAR"])
def test_a_position_counts_no_further_than_it_says(history, view):
    view = DAYS[view]() if view in DAYS else view
    query, last = WorklistQuery.from_params(QueryDict(view)), UUID(int=0)
    read(lambda: position_of(last, query, history.reader, Sortable()), 2 * 1001 * len(SIZES))


@pytest.mark.parametrize("hidden", [False, True])
def test_a_preview_of_the_waits_reads_no_more_than_it_looks_at(history, settings, hidden):
    """Also for a person from whom the model's output is hidden: their cases are due by another column."""
    if hidden:
        settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToAnybody"
    site = history.sites["large"]
    shown = []
    read(
        lambda: shown.append(preview_of(site, WaitTable.of(site.pk), history.reader)),
        2 * (MOST_PREVIEWED + 1) + 2 * LISTED,  # routine and urgent cases; the others are few
    )
    assert shown[0].has_more and shown[0].looked_at == MOST_PREVIEWED


def test_the_list_of_all_cases_reads_its_page(history):
    def act():
        page = newest_first(history.reader, None)
        newest_first(history.reader, page.next_cursor)

    read(act, (PAGE + 2) * len(SIZES))  # and the first of each site, to see where the page ends


@pytest.mark.parametrize("name", SIZES)
def test_a_whole_text_is_found_by_its_index(history, name):
    for text in (f"acc-{name}-4000", f"film-acc-{name}-4000.dcm", "PAT-1999"):
        plans = plans_of(lambda text=text: find(history.reader, text))
        for plan in plans:
            for table in (*TABLES, "triage_image"):
                assert not plan.scans_whole(table), plan.sql
        # The hits, then the newest cases for a part, each with its picture.
        assert sorted(plan.rows("triage_case") for plan in plans)[-1] <= NEWEST
        assert sorted(plan.rows("triage_case") for plan in plans)[-2] <= PAGE * len(SIZES)


def test_a_beginning_that_all_cases_share_reads_no_more_than_it_may(history):
    each_kind = (MOST_HITS + 1) * len(SIZES)
    for table in ("triage_case", "triage_image"):
        read(lambda: find(history.reader, "acc-"), each_kind, table)
        read(lambda: find(history.reader, "film-"), each_kind, table)
        read(lambda: find(history.reader, "nothing at all"), each_kind, table)


@pytest.mark.parametrize("days", ["TO_YEAR", "DAY"])
def test_days_long_ago_are_on_the_first_page(history, days):
    """Looking begins where cases of those days closed, and not at today."""
    view = QueryDict(f"state=reviewed&site=large&{DAYS[days]()}")
    page = WorklistQuery.from_params(view).page(history.reader)
    assert len(page.cases) >= 40


RARE = ["call=not_assessable", "call=doubt", "class=pathological", "priority=stat", "state=failed"]


@pytest.mark.parametrize("rare", RARE)
def test_a_rare_open_case_is_on_the_first_page_wherever_it_waits(history, rare):
    """Of thousands of open cases at a site; it must not be behind a "look further"."""
    page = WorklistQuery.from_params(QueryDict(f"{rare}&site=large")).page(history.reader)
    assert page.cases
    assert not page.is_partial
    assert page.next_cursor is None
