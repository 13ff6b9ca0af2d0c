"""A lead gives a case another priority, with a reason: its deadline follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.contention import contention
from accounts.models import User
from accounts.refusals import Conflict, Refused, refuse_nul
from accounts.services.events import emit
from accounts.texts import as_read
from triage.models import Case, PriorityChange
from triage.models.case import LONGEST_REASON
from triage.review.actions import Action, Actions
from triage.review.claims import lock_case
from triage.states import CaseState
from triage.vocabulary import Priority
from triage.worklist.case_summary import (
    SUMMARY_FIELDS,
    event_of,
    predictions_of,
    redate_alone,
    summarize,
    summary_of,
)
from triage.worklist.deadlines import WaitTable
from triage.worklist.paging import PAGE

MOST_AT_ONCE = PAGE  # what a person sees and ticks on one page


@dataclass(frozen=True)
class RefusedChange:
    """A case whose priority stayed. ``name``: what a person calls it; "" if they may not see it."""

    case_id: UUID
    name: str
    refusal: Refused


@dataclass
class PriorityChanges:
    """What became of each case of one act. ``unchanged``: they had the priority already."""

    changed: list[Case] = field(default_factory=list)
    unchanged: list[Case] = field(default_factory=list)
    refused: list[RefusedChange] = field(default_factory=list)


@transaction.atomic
def change_priority(
    *, case: Case, actor: User, priority: int, reason: str
) -> PriorityChange | None:
    """Gives the case another priority. None if it has that one already: nothing is written then.

    1. Lock the case and its reading. Whoever reads it goes on.
    2. Set the priority, and the deadlines by the site's table, read after the lock: whoever re-dates the
       site's cases later has read no older one.
    3. Keep who changed it and why, and emit the event last.

    Raises:
        NotPermitted: no lead of the site. Conflict: it is closed. Refused: no reason, or one too long.
    """
    reason = _checked_reason(reason)
    case = lock_case(case)
    Actions(case, actor).require(Action.CHANGE_PRIORITY)
    old = Priority(case.priority)
    if old == priority:
        return None
    before = summary_of(case)
    case.priority = priority
    _redate(case)
    case.save(update_fields=["priority", *SUMMARY_FIELDS])
    change = PriorityChange.objects.create(
        case=case, changed_by=actor, old_priority=old, new_priority=priority, reason=reason
    )
    said_of_it = event_of(before, summary_of(case))
    emit(
        Act.CASE_PRIORITY_CHANGED,
        case,
        actor=actor,
        site=case.site,
        before={**said_of_it["before"], "priority": old.name.lower()},
        after={**said_of_it["after"], "priority": Priority(priority).name.lower()},
        private=said_of_it["private"],
        change=str(change.pk),
    )
    return change


def _redate(case: Case) -> None:
    """Sets the deadlines of a locked case by its new priority. Nothing is saved."""
    said, table = predictions_of([case])[case.pk], WaitTable.of(case.site_id)
    if case.state == CaseState.THIRD:
        redate_alone(case, said, table)  # what the model says meanwhile changes nothing any more
    else:
        summarize(case, said, table)


def change_priorities(
    *, case_ids: Sequence[UUID], actor: User, priority: int, reason: str
) -> PriorityChanges:
    """One act on many cases: each is changed as a single one, in a transaction of its own.

    A case that is refused stops no other, and the answer names it. Sent again, the act changes what is left:
    a case that has the priority already stays as it is.

    Raises Refused, before anything is changed: no reason, one too long, no case, or more than a page of them.
    """
    _checked_reason(reason)
    case_ids = list(dict.fromkeys(case_ids))
    if not case_ids:
        raise Refused("no_cases", _("Tick the cases whose priority you want to change."))
    if len(case_ids) > MOST_AT_ONCE:
        text = _("%(given)d cases were chosen; at most %(most)d are changed at once.")
        raise Refused("too_many_cases", text % {"given": len(case_ids), "most": MOST_AT_ONCE})
    seen = Case.objects.visible_to(actor).select_related("site").prefetch_related("images")
    found = seen.in_bulk(case_ids)
    result = PriorityChanges()
    for case_id in case_ids:
        case = found.get(case_id)
        if case is None:
            unknown = Refused("not_found", _("It doesn't exist, or you may not see it."))
            result.refused.append(RefusedChange(case_id, "", unknown))
            continue
        try:
            changed = _change_one(case, actor, priority, reason)
            (result.changed if changed else result.unchanged).append(case)
        except Refused as refused:
            result.refused.append(RefusedChange(case_id, case.heading, refused))
    return result


def _change_one(case: Case, actor: User, priority: int, reason: str) -> PriorityChange | None:
    """Raises Refused also where others hold the row for too long: the cases before it are changed already."""
    try:
        return change_priority(case=case, actor=actor, priority=priority, reason=reason)
    except OperationalError as error:
        if not contention(error):
            raise
        text = _("Somebody else works on it at this moment. Try again.")
        raise Conflict("busy", text) from error


def _checked_reason(text: str) -> str:
    reason = as_read(text)
    refuse_nul(reason)
    if not reason:
        raise Refused("reason_missing", _("Say why the priority is changed."))
    if len(reason) > LONGEST_REASON:
        message = _("The reason has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("reason_too_long", message % {"given": len(reason), "most": LONGEST_REASON})
    return reason
