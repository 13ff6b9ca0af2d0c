"""The worklist page, and the rows that it asks for again while it is looked at."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Membership
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from accounts.roles import READS_CASES
from triage.disclosure import Disclosure, disclosure_for
from triage.http.known import unless_known
from triage.http.paging import next_and_previous
from triage.report.held_roles import HeldRoles
from triage.report.ready_lists import ready_lists
from triage.report.to_do import to_do_of
from triage.review.previous import previous_of
from triage.web.arrival import unfinished_of
from triage.web.filter_form import chips, fields, without_percent
from triage.web.fragments import fragment
from triage.web.live import rows_etag
from triage.web.once import new_key
from triage.web.priority_form import PRIORITY_CHOICES
from triage.web.rows import rows_of
from triage.web.view_of_case import ViewOfCase
from triage.worklist.orders import orders
from triage.worklist.query import WorklistQuery
from triage.worklist.saved_views import views_of

COLUMNS = (
    # sort key, title, css class; "" can't be sorted by
    ("", "", "thumb"),
    ("", gettext_lazy("Case"), "case"),
    ("class", gettext_lazy("Call"), "class"),
    ("", gettext_lazy("Fracture"), "chance"),
    ("confidence", gettext_lazy("Confidence"), "confidence"),
    ("deadline", gettext_lazy("Deadline"), "deadline"),
    ("waiting", gettext_lazy("Waiting"), "waiting"),
    ("priority", gettext_lazy("Priority"), "priority"),
    ("state", gettext_lazy("State"), "state"),
)
# Titles of a list of closed cases, by css class.
CLOSED_TITLES = {
    "class": gettext_lazy("Opinion"),
    "deadline": gettext_lazy("Closed"),
    "waiting": gettext_lazy("Waited"),
}
# aria-sort, the arrow beside a title, the path of the triangle in the table's head
ASCENDING = ("ascending", "↑", "M5 2l4 6H1z")
DESCENDING = ("descending", "↓", "M5 8L1 2h8z")


@require_safe
@login_required
def worklist(request: SignedInRequest) -> HttpResponse:
    """The reader's cases. A filter that can't be meant is said, and the plain list shown."""
    views = views_of(request.user)
    if not request.GET and (begins_with := next((view for view in views if view.is_default), None)):
        return redirect(f"{request.path}?{begins_with.params or 'sort=deadline'}")
    try:
        if (params := without_percent(request.GET)) is not None:
            return redirect(f"{request.path}?{params.urlencode()}")
        query = WorklistQuery.from_params(request.GET, without_sort_of_closed=True)
    except Refused as refused:
        return list_page(request, WorklistQuery(), refused.message, saved_views=views)
    return list_page(request, query, saved_views=views)


def list_page(
    request: SignedInRequest, query: WorklistQuery, problem: str = "", status: int = 0, **more: Any
) -> HttpResponse:
    """The page of a view; the default one, and why, if it is sorted by what is hidden by now.

    ``problem``: why another view is not shown. ``status``: of an answer to something else than a look.
    """
    disclosure, etag = disclosure_for(request.user), ""
    try:
        etag = rows_etag(request.user, query, disclosure.sortable)
        context = _context(request, query, disclosure)
    except Refused as refused:
        problem, query = refused.message, WorklistQuery()
        context = _context(request, query, disclosure)
    previous = previous_of(request.user)
    context |= {
        "problem": problem,
        "etag": "" if problem else etag,
        "previous_case": ViewOfCase(query).case_address(previous) if previous else "",
        "to_do": to_do_of(request.user, context["held"]),
        "priorities": PRIORITY_CHOICES,
        **unfinished_of(request.user),
        **more,
    }
    counted = {entry["list"].ready.name: entry["list"] for entry in context["ready"]}
    context["new_answers"] = counted.get("new_answers")
    status = status or (400 if problem else 200)
    return render(request, "worklist/worklist.html", context, status=status)


@require_safe
@login_required
@fragment
def live(request: SignedInRequest) -> HttpResponseBase:
    """The rows alone, or 304 while nothing on them has changed."""
    disclosure = disclosure_for(request.user)
    try:
        query = WorklistQuery.from_params(request.GET, without_sort_of_closed=True)
        return unless_known(
            request,
            rows_etag(request.user, query, disclosure.sortable),
            lambda: render(request, "worklist/live.html", _context(request, query, disclosure)),
        )
    except Refused as refused:
        return HttpResponse(refused.message, status=refused.status, content_type="text/plain")


def _context(
    request: SignedInRequest, query: WorklistQuery, disclosure: Disclosure
) -> dict[str, Any]:
    sortable = disclosure.sortable
    page = query.page(request.user, sortable=sortable)
    next_query, previous_query = next_and_previous(query, page)
    sites = sites_of(request)
    sorts, held = orders(sortable), HeldRoles.of(request.user)
    return {
        "query": query,
        "is_partial": page.is_partial,
        "rows": rows_of(disclosure.cases(page.cases), request.user),
        "columns": [
            _column(query, sort if sort in sorts else "", *rest) for sort, *rest in COLUMNS
        ],
        "next": next_query,
        "previous": previous_query,
        "first": query.params(cursor=None),
        "chips": chips(query, sites),
        "fields": fields(query, sites, sortable),
        "several_sites": len(sites) > 1,
        "params": query.params(),
        "ready": [
            {"list": counted, "is_shown": replace(query, cursor=None) == counted.view}
            for counted in ready_lists(request.user, disclosure, held)
        ],
        "held": held,
        "led": [] if query.is_closed else held.led,
        "view": ViewOfCase(query),
        "once": new_key(),
    }


def sites_of(request: SignedInRequest) -> list[tuple[str, str]]:
    held = Membership.objects.current().filter(user=request.user).holding(READS_CASES)
    return list(held.order_by("site__name").values_list("site__slug", "site__name"))


def _column(query: WorklistQuery, sort: str, title: str | Promise, css: str) -> dict[str, Any]:
    """A heading; a second click on the sorted one turns the order round."""
    if query.is_closed:
        return {"title": CLOSED_TITLES.get(css, title), "css": css}
    if not sort:
        return {"title": title, "css": css}
    if sort != query.sort:
        return {"title": title, "css": css, "params": query.params(sort=sort, order=None)}
    turned = "asc" if query.descending else "desc"
    direction, arrow, triangle = DESCENDING if query.descending else ASCENDING
    return {
        "title": title,
        "css": css,
        "params": query.params(order=turned),
        "direction": direction,
        "arrow": arrow,
        "triangle": triangle,
    }
