"""Sets a site's own operating points of the fracture call, and finds those in force."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import Conflict, NotPermitted, Refused, refuse_nul
from accounts.roles import MANAGES_SITE
from accounts.services.events import emit
from accounts.texts import as_read
from classifier.call import OperatingPoints
from triage.models import Release, SitePoints


def points_in_force(release_id: UUID, site_ids: Iterable[UUID]) -> dict[UUID, SitePoints]:
    """Site id → the row that counts for this release, in one query; without those that have the release's
    own points.
    """
    rows = SitePoints.objects.filter(release_id=release_id, site_id__in=set(site_ids))
    newest = rows.order_by("site_id", "-number").distinct("site_id")
    return {row.site_id: row for row in newest if row.points is not None}


def release_in_use() -> models.QuerySet[Release]:
    """The active release, or None. A row from before releases made a call counts as None: no worker can
    load it, and it has no points.
    """
    return Release.objects.filter(is_active=True, manifest__call__rule__isnull=False)


@transaction.atomic
def set_points(
    *,
    site: Site,
    release: Release,
    points: OperatingPoints | None,
    reason: str,
    actor: User,
    known_number: int | None = None,
) -> SitePoints:
    """Adds a row to the site's history. It counts for every picture that is classified after the commit.

    Args:
        release: the active one, whose calibration the points are probabilities of.
        points: None: the release's own again.
        reason: what the people who come later should know, 1..200 characters.
        known_number: number of the newest row on the form that was sent, 0 for none; None: not checked.

    Raises Conflict if a newer row exists.
    """
    _require_admin(site, actor)
    _refuse_meaningless(points)
    return _add(site, release, points, actor, known_number, reason=_reason(reason))


@transaction.atomic
def put_back(
    *, site: Site, release: Release, number: int, actor: User, known_number: int | None = None
) -> SitePoints:
    """Makes the points of an earlier row count again, by a new row. ``number`` 0: the release's own.
    ``known_number``: as for ``set_points``.

    Raises SitePoints.DoesNotExist where the site has no such row.
    """
    _require_admin(site, actor)
    earlier = SitePoints.objects.get(site=site, release=release, number=number) if number else None
    return _add(
        site, release, earlier.points if earlier else None, actor, known_number, put_back=number
    )


def _add(
    site: Site,
    release: Release,
    points: OperatingPoints | None,
    actor: User,
    known_number: int | None,
    **why: Any,
) -> SitePoints:
    """``why``: ``reason`` or ``put_back`` of the new row."""
    # Two changes at once come one after the other, so each one's "before" is true.
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    own = _own_points(release)
    latest = newest_row(site, release, known_number)
    before = latest.points if latest else None
    if (points or own) == (before or own):
        raise Conflict("points_unchanged", _("These points are in force already."))
    row = SitePoints.objects.create(
        site=site,
        release=release,
        number=latest.number + 1 if latest else 1,
        negative_below=points.negative_below if points else None,
        positive_from=points.positive_from if points else None,
        set_by=actor,
        **why,
    )
    emit(
        Act.POINTS_CHANGED,
        row,
        actor=actor,
        site=site,
        before={"points": _facts(before)},
        after={"points": _facts(points)},
        release=str(release.pk),
        number=row.number,
    )
    return row


def _own_points(release: Release) -> OperatingPoints:
    """The release's. Refuses a release that is not in use."""
    # Not locked: if another release is activated at this moment, the row is of the former one and harmless.
    rule = (
        release_in_use()
        .filter(pk=release.pk)
        .values_list("manifest__call__rule", flat=True)
        .first()
    )
    if rule is None:
        raise Conflict(
            "release_not_active",
            _(
                "Another release is in use since you opened this page. Points belong to one release."
            ),
        )
    return OperatingPoints.of_rule(rule)


def newest_row(site: Site, release: Release, known_number: int | None = None) -> SitePoints | None:
    """The newest of the site's rows for this release; None if it has none.

    Raises Conflict if ``known_number`` is of another row, or of any where there is none.
    """
    latest = SitePoints.objects.filter(site=site, release=release).order_by("-number").first()
    if known_number is not None and known_number != (latest.number if latest else 0):
        raise Conflict("points_changed", _changed(latest))
    return latest


def newest_number(site: Site, release: Release) -> int:
    """The highest number of the site's rows for this release; 0 if it has none."""
    latest = newest_row(site, release)
    return latest.number if latest else 0


def _changed(latest: SitePoints | None) -> str:
    if latest is None:
        return _(
            "The site has no points of its own for this release, and your request names some. Nothing was "
            "saved. Look again, then decide."
        )
    if latest.points is None:
        text = _(
            "%(who)s changed the points since you opened this page: the release's own are in force now. "
            "Nothing was saved. Look again, then decide."
        )
        return text % {"who": latest.set_by}
    text = _(
        "%(who)s changed the points since you opened this page: %(low)s %% and %(high)s %% are in force "
        "now. Nothing was saved. Look again, then decide."
    )
    low, high = (f"{100 * point:.4g}" for point in vars(latest.points).values())
    return text % {"who": latest.set_by, "low": low, "high": high}


def _require_admin(site: Site, actor: User) -> None:
    if site.pk not in sites_where(actor, MANAGES_SITE):
        raise NotPermitted("not_site_admin", _("Only an admin of the site edits its points."))


def _refuse_meaningless(points: OperatingPoints | None) -> None:
    if points is None:
        return
    if points.negative_below <= 0 or points.positive_from >= 1:  # their order is the type's own
        raise Refused("points_out_of_range", _("Points lie between 0 % and 100 %, both excluded."))


def _reason(text: str) -> str:
    refuse_nul(text)
    text = as_read(text)
    longest = SitePoints._meta.get_field("reason").max_length or 0
    if not text:
        raise Refused("reason_missing", _("Say why the points change."))
    if len(text) > longest:
        raise Refused(
            "reason_too_long", _("The reason has at most %(most)d characters.") % {"most": longest}
        )
    return text


def _facts(points: OperatingPoints | None) -> dict[str, Any] | None:
    """For the audit trail; null is the release's own."""
    return vars(points) if points else None
