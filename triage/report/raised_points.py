"""What it costs to raise the first point of a site: more fractures are called "No fracture seen"."""

from dataclasses import dataclass, replace

from accounts.models import Site
from classifier.call import OperatingPoints
from triage.models import Release, SitePoints
from triage.points import newest_row, points_in_force, release_in_use
from triage.report.call_figures import CallFigures


@dataclass(frozen=True)
class Costs:
    """``missed``: the share of fractures that would be missed, by the release's figures; None: not measured.

    ``number``: of the row that would be put back, None for new points.
    """

    points: OperatingPoints
    before: OperatingPoints
    missed: float | None
    missed_before: float | None
    number: int | None = None

    @property
    def confirmed(self) -> str:
        """What a form says back that was sent with these costs on it."""
        return repr(self.points.negative_below)


@dataclass(frozen=True)
class InForce:
    """The points that count at a site; ``row`` is None where they are the release's own."""

    row: SitePoints | None
    points: OperatingPoints


def in_force(site: Site, release: Release, figures: CallFigures) -> InForce:
    row = points_in_force(release.pk, [site.pk]).get(site.pk)
    return InForce(row, (row.points if row else None) or figures.own)


def costs_of(
    site: Site, release: Release, points: OperatingPoints, known_number: int
) -> Costs | None:
    """The costs of ``points``. None where the first point isn't raised above the one in force, and where
    the request is of another release, which is refused anyhow.

    Raises Conflict if ``known_number`` is not the newest row's: these would be the costs of another change.
    """
    used = release_in_use().defer(None).filter(pk=release.pk).first()
    if used is None:
        return None
    newest_row(site, release, known_number)
    figures = CallFigures.of(used)
    before = in_force(site, release, figures).points
    if points.negative_below <= before.negative_below:
        return None
    calls = [figures.calls(those, None) for those in (points, before)]
    missed, missed_before = (shares[0].of_fractured if shares else None for shares in calls)
    return Costs(points, before, missed, missed_before)


def costs_of_row(site: Site, release: Release, number: int, known_number: int) -> Costs | None:
    """As ``costs_of``, of putting back a row. The release's own points were measured, and ask nothing."""
    rows = SitePoints.objects.filter(site=site, release=release, release__is_active=True)
    row = rows.filter(number=number).first()
    if row is None or row.points is None:
        return None
    costs = costs_of(site, release, row.points, known_number)
    return costs and replace(costs, number=number)
