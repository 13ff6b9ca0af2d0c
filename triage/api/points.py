"""When the model calls a fracture at a site: its own operating points, for its admins."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Site
from accounts.refusals import Conflict
from triage.api.examples import A_CURSOR
from triage.api.pagination import NEWEST_FIRST, address, by_id
from triage.api.points_serializers import (
    PointsChangeListSerializer,
    PointsSerializer,
    PrevalenceSerializer,
    PutBackSerializer,
    SetPointsSerializer,
)
from triage.api.schema import described, with_example
from triage.api.site_rules import OfSite
from triage.api.views import only_parameters
from triage.models import Release, SitePoints
from triage.points import newest_number, put_back, release_in_use, set_points
from triage.report.call_figures import CallFigures
from triage.report.past import PAGE
from triage.report.raised_points import Costs, costs_of, costs_of_row, in_force


def _shown(site: Site, here: float | None = None) -> dict[str, Any]:
    """The points that the site has, and what each of them means. ``here``: the share of fractures there."""
    release = release_in_use().defer(None).first()
    if release is None:
        return {"release": None, "known_number": 0, "sets": []}
    figures = CallFigures.of(release)
    now = in_force(site, release, figures)
    sets = {"release": figures.own}
    if now.row:
        sets["site"] = now.points
    if here and (suggested := figures.suggested(here)):
        sets["suggested"] = suggested
    return {
        "release": release,
        "known_number": newest_number(site, release),
        "sets": [
            {
                "of": of,
                **vars(points),
                "is_in_force": of == ("site" if now.row else "release"),
                "calls": figures.calls(points, here or figures.fitted),
            }
            for of, points in sets.items()
        ],
    }


def _refuse_more_missed(costs: Costs | None, accepted: bool) -> None:
    """Raises Conflict where more fractures would be called negative and nobody said that they know."""
    if costs is None or accepted:
        return
    text = _(
        "The first point would rise from %(before)s to %(low)s: more fractures are called negative, "
        "%(missed)s of them instead of %(missed_before)s by the release's own figures. Nothing was saved. "
        "Send accept_more_missed to save it all the same."
    )
    figures = {name: _measured(getattr(costs, name)) for name in ("missed", "missed_before")}
    points = {"before": costs.before.negative_below, "low": costs.points.negative_below}
    raise Conflict("more_missed", text % {**points, **figures})


def _measured(share: float | None) -> str:
    return _("an unknown share") if share is None else f"{100 * share:.3g} %"


class Points(OfSite):
    @described(
        "points",
        "A site's operating points and what they mean, for its admins",
        answers={200: PointsSerializer},
        errors=(400, 401, 404),
        parameters=[
            OpenApiParameter(
                "prevalence",
                float,
                description=with_example(
                    "The share of your pictures that show a fracture, 0.001 to 0.999: for what the calls "
                    "mean there, and for suggested points.",
                    "0.3",
                ),
            )
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Points are probabilities of one release's calibration, so they hold for that release only."""
        only_parameters(request, "prevalence")
        site = self.site(slug)
        asked = PrevalenceSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        here = asked.validated_data.get("prevalence")
        return Response(PointsSerializer(_shown(site, here)).data)

    @described(
        "set_points",
        "Set a site's operating points; pictures that are classified from then on are called at them",
        request=SetPointsSerializer,
        answers={200: PointsSerializer},
        errors=(400, 401, 404, 409),
    )
    def put(self, request: Request, slug: str) -> Response:
        """Predictions that were made keep their call. Each change is kept with its reason."""
        site, given = self.site(slug), self.checked(SetPointsSerializer)
        given["release"] = release_of(given["release"])
        accepted = given.pop("accept_more_missed")
        costs = costs_of(site, given["release"], given["points"], given["known_number"])
        _refuse_more_missed(costs, accepted)
        set_points(site=site, actor=request.user, **given)
        return Response(PointsSerializer(_shown(site)).data)


def release_of(key: UUID) -> Release:
    """Raises Conflict where there is no such release: the service says it of one that isn't active."""
    found = Release.objects.filter(pk=key).first()
    if found is None:
        raise Conflict("release_not_active", _("There is no such release. Read the points again."))
    return found


class PointsBack(OfSite):
    @described(
        "put_back_points",
        "Make the points of an earlier change, or the release's own, count again",
        request=PutBackSerializer,
        answers={200: PointsSerializer},
        errors=(400, 401, 404, 409),
        once=True,
    )
    def post(self, request: Request, slug: str) -> Response:
        """By a new change: none is ever taken out of the history. 404 where the site has no such change."""
        site, given = self.site(slug), self.checked(PutBackSerializer)
        release, accepted = release_of(given.pop("release")), given.pop("accept_more_missed")

        def back() -> SitePoints:
            costs = costs_of_row(site, release, given["number"], given["known_number"])
            _refuse_more_missed(costs, accepted)
            return put_back(site=site, release=release, actor=request.user, **given)

        try:
            self.once(SitePoints, back)
        except SitePoints.DoesNotExist:
            raise Http404 from None
        return Response(PointsSerializer(_shown(site)).data)


class PointsChanges(OfSite):
    @described(
        "points_changes",
        "How a site's operating points were changed, newest first",
        answers={200: PointsChangeListSerializer},
        errors=(400, 401, 404),
        parameters=[
            OpenApiParameter(
                "cursor", str, description=with_example("Taken from `next`.", A_CURSOR)
            )
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """In pages of 50. Nobody can change or remove one."""
        only_parameters(request, "cursor")
        rows = SitePoints.objects.filter(site=self.site(slug)).select_related("release", "set_by")
        rows = rows.defer("release__manifest")
        cursor = request.query_params.get("cursor")
        found, following = by_id(rows, cursor, NEWEST_FIRST, PAGE)
        content = {"results": found, "next": address(request, following)}
        return Response(PointsChangeListSerializer(content).data)
