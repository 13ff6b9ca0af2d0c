"""At which sites a user may act, by role, and in which time zone a program's days begin."""

from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Membership, User
from accounts.roles import READS_CASES, Role


def held_sites(
    user: User | AnonymousUser, roles: Iterable[Role] = READS_CASES
) -> QuerySet[Membership, UUID]:
    """Ids of the sites where ``user`` holds one of ``roles`` today, as a query. Empty for anonymous users."""
    if not user.is_authenticated:
        return Membership.objects.none().values_list("site_id", flat=True)
    held = Membership.objects.current().filter(user=user).holding(roles)
    return held.values_list("site_id", flat=True)


def roles_at(user: User | AnonymousUser, site_id: UUID) -> frozenset[str]:
    """The roles that ``user`` holds today at the site; none for the anonymous."""
    if not user.is_authenticated:
        return frozenset()
    held = Membership.objects.current().filter(user=user, site_id=site_id)
    return frozenset(held.values_list("roles", flat=True).first() or ())


def memberships_of(user: User) -> list[Membership]:
    """Where ``user`` reads cases today, with the sites."""
    held = Membership.objects.current().filter(user=user).holding(READS_CASES)
    return list(held.select_related("site"))


def time_zone_of(user: User | AnonymousUser) -> ZoneInfo:
    """Where a program's days begin: the zone of the site that ``user`` has belonged to for the longest time.

    A browser sends its reader's own zone; a client of the API sends none. UTC for a user without a site.
    """
    if not user.is_authenticated:
        return ZoneInfo("UTC")
    held = Membership.objects.current().filter(user=user).order_by("created_at", "pk")
    return ZoneInfo(held.values_list("site__time_zone", flat=True).first() or "UTC")


def sites_where(user: User | AnonymousUser, roles: Iterable[Role] = READS_CASES) -> list[UUID]:
    """Ids of the sites where ``user`` holds one of ``roles`` today; none for the anonymous."""
    return list(held_sites(user, roles))
