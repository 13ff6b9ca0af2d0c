"""Updates the deadlines of a site's open cases after its table of waits changed, chunk by chunk.

Why no case is left with a deadline of an old table:

* A chunk locks its pass's row, then reads the table. Whoever saves a table ends the pass first, so the
  save waits for the chunk, and each chunk of the new pass reads the new table.
* The worker that updates a case locks the case before it reads the table, as a chunk does. If two
  want one case, the later one has read the newer table.
* A new case is dated by a table that can't change until it is committed (``table_lock``).
"""

import logging
import time
from collections import deque
from datetime import datetime
from functools import partial
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.acts import Act
from accounts.contention import contention, retry_contention
from accounts.models import Site
from accounts.services.events import emit
from triage.apart import apart
from triage.dispatch import send_task
from triage.models import Case, Redating
from triage.models.case import CaseQuerySet
from triage.worklist.case_summary import (
    SUMMARY_FIELDS,
    event_of,
    is_redated,
    predictions_of,
    summarize,
    summary_of,
)
from triage.worklist.deadlines import WaitTable
from triage.worklist.keyset import Key, beyond

logger = logging.getLogger(__name__)

REDATE = "triage.worklist.tasks.redate"  # by name: the tasks stand on this module
CHUNK = 200  # cases: a reader who wants one of them waits for a part of a second
SECONDS_PER_MESSAGE = 5  # the same worker also sweeps, every five seconds
# Case id → what ``summary_of`` answered before and after.
Changes = dict[UUID, tuple[tuple[object, ...], tuple[object, ...]]]
ORDER = (Key("received_at"), Key("id"))  # an index of open cases leads through it


def request_redating(site: Site) -> Redating:
    """Starts a pass over the site's open cases, in place of one that still runs.

    Call inside the transaction that changed the table.
    """
    running = Redating.objects.filter(site=site, finished_at=None)
    running.update(finished_at=Now(), superseded=True)
    redating = Redating.objects.create(site=site)
    transaction.on_commit(wake, robust=True)
    return redating


def wake() -> None:
    """Sends the task that updates deadlines."""
    send_task(REDATE)


def redate() -> None:
    """Continues every unfinished pass, one chunk of each in turn, until none is left or time is up."""
    stop_at = time.monotonic() + SECONDS_PER_MESSAGE
    unfinished = Redating.objects.filter(finished_at=None).order_by("requested_at", "pk")
    turns = deque(unfinished.values_list("pk", flat=True))
    while turns:
        redating_id = turns.popleft()
        if _goes_on(redating_id):
            turns.append(redating_id)
        if turns and time.monotonic() > stop_at:
            wake()
            return


def _goes_on(redating_id: UUID) -> bool:
    """Does one chunk. After an error the next message tries again, and the other sites' passes go on."""
    try:
        return retry_contention(partial(redate_chunk, redating_id))
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        if state := contention(error):
            logger.warning("Re-dating %s met other transactions (%s)", redating_id, state)
        else:
            logger.exception("Re-dating %s failed; it is tried again", redating_id)
        return False


@transaction.atomic
def redate_chunk(redating_id: UUID) -> bool:
    """Summarizes the next open cases again and writes those that changed. Returns whether more are left."""
    # SKIP LOCKED: whoever has the row does a chunk of the pass or ends it; this worker goes on with others.
    rows = Redating.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    rows = rows.filter(finished_at=None).select_related("site")
    redating = rows.filter(pk=redating_id).first()
    if redating is None:  # finished, superseded, or in another worker's hands
        return False
    cases = Case.objects.filter(site=redating.site).open()
    if redating.total is None:
        redating.total = cases.count()
    chunk = list(_next_cases(redating, cases))
    changed = _update_deadlines(redating, [pk for _received, pk in chunk])
    redating.changed += sum(is_redated(old, new) for old, new in changed.values())
    redating.done += len(chunk)
    redating.total = max(redating.total, redating.done)  # cases came in meanwhile
    if chunk:
        redating.cursor_received_at, redating.cursor_id = chunk[-1]
    is_last = len(chunk) < CHUNK
    if is_last:
        redating.finished_at = Now()
    redating.save()
    if changed:
        _emit_changes(redating, changed)
    if is_last:
        emit(
            Act.CASES_REDATED,
            redating.site,
            actor=None,
            site=redating.site,
            before={"is_finished": False},
            after={"is_finished": True},
            cases=redating.done,
            redated=redating.changed,
        )
    return not is_last


def _emit_changes(redating: Redating, changed: Changes) -> None:
    """Emits one event for a chunk, with the ids of the cases that it wrote.

    Not one event a case: a new table would fill the trail of a large site with thousands, and each of them
    holds up the site's chain.
    """
    emit(
        Act.CASES_DEADLINES_CHANGED,
        redating.site,
        actor=None,
        site=redating.site,
        before={},
        after={},
        private=set().union(*(event_of(*change)["private"] for change in changed.values())),
        cases=[str(pk) for pk in changed],
    )


def _next_cases(redating: Redating, cases: CaseQuerySet) -> "QuerySet[Case, tuple[datetime, UUID]]":
    """The place (received_at, id) of each case of the next chunk."""
    if redating.cursor_id is not None:
        cases = cases.filter(beyond(ORDER, (redating.cursor_received_at, redating.cursor_id)))
    return cases.order_by("received_at", "id").values_list("received_at", "id")[:CHUNK]


def _update_deadlines(redating: Redating, ids: list[UUID]) -> Changes:
    """Returns what changed. Rows that did not change aren't written."""
    locked = Case.objects.select_for_update(no_key=True).filter(pk__in=ids).open()
    cases = list(locked.order_by("pk"))
    table = WaitTable.of(redating.site_id)  # after the locks: see above
    read = predictions_of(cases)
    before = {case.pk: summary_of(case) for case in cases}
    changed = []
    for case in cases:
        # One that can't be summarized keeps its deadline, and the site's other cases get theirs.
        with apart(f"Dating case {case.pk}"):
            summarize(case, read[case.pk], table)
            if summary_of(case) != before[case.pk]:
                changed.append(case)
    # Most often only the deadline changed; each further column makes the statement longer for every case.
    values = [
        zip(SUMMARY_FIELDS, before[case.pk], summary_of(case), strict=True) for case in changed
    ]
    fields = {name for row in values for name, old, new in row if old != new}
    if fields:
        Case.objects.bulk_update(changed, sorted(fields))
    return {case.pk: (before[case.pk], summary_of(case)) for case in changed}
