"""When the model calls a fracture: a site's own operating points, as its clinical lead sets them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Site
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from classifier.call import OperatingPoints
from triage.models import Release, SitePoints
from triage.points import newest_number, put_back, release_in_use, set_points
from triage.report.call_figures import CallFigures
from triage.report.raised_points import Costs, costs_of, costs_of_row, in_force
from triage.web.points_forms import NOT_HERE, PointsForm, PrevalenceForm
from triage.web.waits import managed_site

HISTORY_ROWS = 100  # rows of the history; points change a few times a year
SAVED = _("Saved. Pictures that are classified from now on are called at these points.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def points(request: SignedInRequest, slug: str) -> HttpResponse:
    """For admins of the site; nobody else learns that the page exists."""
    site = managed_site(request, slug)
    # The one page that shows what its manifest says of the call.
    release = release_in_use().defer(None).first()
    form = PointsForm(request.POST) if request.method == "POST" else None
    if form is None or not form.is_valid():
        return _page(request, site, release, form, 400 if form else 200)
    asked = Release.objects.filter(pk=form.cleaned_data["release"]).first()
    if asked is None:
        form.add_error(None, NOT_HERE)
        return _page(request, site, release, form, 400)
    known_number = _known_number(request)
    try:
        costs = costs_of(site, asked, form.points(), known_number)
        if costs and request.POST.get("confirmed") != costs.confirmed:
            return _page(request, site, release, form, 409, costs)
        set_points(
            site=site,
            release=asked,
            points=form.points(),
            reason=form.cleaned_data["reason"],
            actor=request.user,
            known_number=known_number,
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _page(request, site, release, form, refused.status)
    messages.success(request, SAVED)
    return redirect("points", slug=site.slug)


@require_POST
@login_required
def points_back(request: SignedInRequest, slug: str, release_id: UUID, number: int) -> HttpResponse:
    """Makes an earlier row's points count again; 0 is the release's own."""
    site = managed_site(request, slug)
    release = get_object_or_404(Release, pk=release_id)
    try:
        if (costs := costs_of_row(site, release, number, _known_number(request))) and (
            request.POST.get("confirmed") != costs.confirmed
        ):
            active = release_in_use().defer(None).first()
            return _page(request, site, active, None, 409, costs)
        put_back(
            site=site,
            release=release,
            number=number,
            actor=request.user,
            known_number=_known_number(request),
        )
    except SitePoints.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, SAVED)
    return redirect("points", slug=site.slug)


def _known_number(request: SignedInRequest) -> int:
    """The number of the newest row when the form was made. A form that doesn't say it knows of no row."""
    text = request.POST.get("known_number", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _page(
    request: SignedInRequest,
    site: Site,
    release: Release | None,
    form: PointsForm | None,
    status: int,
    costs: Costs | None = None,
) -> HttpResponse:
    figures = CallFigures.of(release) if release else None
    context: dict[str, Any] = {"site": site, "release": release, "figures": figures, "costs": costs}
    if release and figures:
        context["known_number"] = newest_number(site, release)
        context |= vars(in_force(site, release, figures)) | _asked(request, figures)
        points = _offered(request, context)
        context["form"] = form or PointsForm.showing(release, points)
        context |= _meaning(context)
    context["history"] = _history(site, release, figures, context.get("row"))
    return render(request, "waits/points.html", context, status=status)


def _asked(request: SignedInRequest, figures: CallFigures) -> dict[str, Any]:
    """What the page computes from "how many in 100"."""
    form = PrevalenceForm(request.GET if "prevalence" in request.GET else None)
    here = form.cleaned_data["prevalence"] / 100 if form.is_valid() else None
    suggested = figures.suggested(here) if here else None
    return {"prevalence_form": form, "here": here, "suggested": suggested}


def _offered(request: SignedInRequest, context: dict[str, Any]) -> OperatingPoints:
    """What the form is filled with: what is in force, unless the suggestion is asked for."""
    suggested: OperatingPoints | None = context["suggested"]
    points: OperatingPoints = context["points"]
    return suggested if suggested and "fill" in request.GET else points


def _history(
    site: Site, release: Release | None, figures: CallFigures | None, counts: SitePoints | None
) -> list[tuple[SitePoints, bool]]:
    """The newest rows, each with whether its points can be put back: of another release none can."""
    rows = SitePoints.objects.filter(site=site).select_related("release", "set_by")
    rows = rows.defer("release__manifest").order_by("-created_at", "-pk")
    own = figures.own if figures else None
    now = (counts.points if counts else None) or own
    return [
        (row, bool(release and own and row.release_id == release.pk) and (row.points or own) != now)
        for row in rows[:HISTORY_ROWS]
    ]


def _meaning(context: dict[str, Any]) -> dict[str, Any]:
    """A table of the calls for the release's own points, those in force and the suggested ones."""
    figures: CallFigures = context["figures"]
    here: float | None = context["here"]
    prevalence = here or figures.fitted
    titled = [(gettext("The release's own points"), figures.own)]
    if context["row"]:
        titled.append((gettext("The points of this site"), context["points"]))
    if context["suggested"]:
        titled.append((gettext("Suggested for this site"), context["suggested"]))
    own = figures.own
    return {
        "prevalence": prevalence,
        "tables": [(title, points, figures.calls(points, prevalence)) for title, points in titled],
        "own_here": here
        and [figures.chance_here(point, here) for point in (own.negative_below, own.positive_from)],
        "marks": figures.marks(context["points"]),
    }
