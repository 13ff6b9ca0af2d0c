"""A lead changes the priority of the rows that they ticked, or of the case that they look at."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.models import Case
from triage.review.priority import PriorityChanges, change_priorities
from triage.vocabulary import Priority
from triage.web.case_page import case_context
from triage.web.of_case import of_visible_case
from triage.web.priority_form import GivenPriority
from triage.web.view_of_case import view_of
from triage.web.worklist import list_page

MOST_NAMED = 10  # refused cases: a message goes along in a cookie


@require_POST
@login_required
def change(request: SignedInRequest) -> HttpResponse:
    """Says what became of each of them. A second press changes what is left, so it needs no key.

    If any is refused, the list comes back with what was typed, and these are still ticked.
    """
    given = GivenPriority.of(request.POST)
    try:
        given = GivenPriority.of(request.POST, ticked := _ticked(request))
        result = change_priorities(
            case_ids=ticked, actor=request.user, priority=given.priority, reason=given.reason
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return _list_again(request, given, refused.status)
    _say(request, result, given.priority)
    if result.refused:
        left = (refused.case_id for refused in result.refused)
        return _list_again(request, GivenPriority.of(request.POST, left), _status(result))
    return redirect(view_of(request).list_address())


@require_POST
@of_visible_case
def change_one(request: SignedInRequest, case: Case) -> HttpResponse:
    """If it is refused, the case's page says why and keeps what was typed."""
    given = GivenPriority.of(request.POST)
    try:
        result = change_priorities(
            case_ids=[case.pk], actor=request.user, priority=given.priority, reason=given.reason
        )
        for refused_case in result.refused:
            raise refused_case.refusal
    except Refused as refused:
        case.refresh_from_db()
        more = {"problem": refused.message, "priority_given": given}
        context = case_context(request, case) | more
        return render(request, "case/case.html", context, status=refused.status)
    _say(request, result, given.priority)
    return redirect(view_of(request).case_address(case.pk))


def _list_again(request: SignedInRequest, given: GivenPriority, status: int) -> HttpResponse:
    return list_page(request, view_of(request).query, status=status, priority_given=given)


def _status(result: PriorityChanges) -> int:
    """200 if any of them is as it was asked for."""
    if result.changed or result.unchanged:
        return 200
    return result.refused[0].refusal.status


def _ticked(request: HttpRequest) -> list[UUID]:
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
