"""A lead changes the priority of the rows that they ticked in the worklist."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.review.priority import PriorityChanges, change_priorities
from triage.vocabulary import Priority
from triage.web.view_of_case import view_of
from triage.worklist.filters import PRIORITY_NAMES

MOST_NAMED = 10  # refused cases: a message goes along in a cookie


@require_POST
@login_required
def change(request: SignedInRequest) -> HttpResponse:
    """Says what became of each of them. A second press changes what is left, so it needs no key."""
    back = redirect(view_of(request).list_address())
    try:
        priority = PRIORITY_NAMES.get(request.POST.get("priority", ""))
        if priority is None:
            raise Refused("no_priority", _("Choose a priority."))
        result = change_priorities(
            case_ids=_ticked(request),
            actor=request.user,
            priority=priority,
            reason=request.POST.get("reason", ""),
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return back
    _say(request, result, priority)
    return back


def _ticked(request: SignedInRequest) -> list[UUID]:
    try:
        return [UUID(text) for text in request.POST.getlist("case")]
    except ValueError:
        raise Refused("bad_case", _("The list is damaged. Load it again.")) from None


def _say(request: SignedInRequest, result: PriorityChanges, priority: int) -> None:
    label = Priority(priority).label
    if count := len(result.changed):
        text = ngettext(
            "Priority %(priority)s: %(count)d case changed.",
            "Priority %(priority)s: %(count)d cases changed.",
            count,
        )
        messages.success(request, text % {"priority": label, "count": count})
    if count := len(result.unchanged):
        text = ngettext(
            "%(count)d case had this priority already.",
            "%(count)d cases had this priority already.",
            count,
        )
        messages.info(request, text % {"count": count})
    for refused in result.refused[:MOST_NAMED]:
        text = _("Not changed: %(name)s. %(why)s")
        name = refused.name or _("a case that you don't see")
        messages.error(request, text % {"name": name, "why": refused.refusal.message})
    if more := len(result.refused[MOST_NAMED:]):
        text = ngettext(
            "Not changed: %(count)d further case.", "Not changed: %(count)d further cases.", more
        )
        messages.error(request, text % {"count": more})
