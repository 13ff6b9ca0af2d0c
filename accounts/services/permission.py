"""Who may change a site's people and the installation's accounts. Nobody raises themselves."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Site, User
from accounts.refusals import NotPermitted, Refused
from accounts.roles import MANAGES_SITE


def managed_sites(user: User) -> QuerySet[Site]:
    """The active sites whose people ``user`` may manage."""
    active = Site.objects.filter(is_active=True)
    if user.is_staff and user.is_active:
        return active
    held = Membership.objects.current().filter(user=user).holding(MANAGES_SITE)
    return active.filter(pk__in=held.values("site_id"))


def require_admin(actor: User, site: Site) -> None:
    """Raises NotPermitted unless ``actor`` may manage the people of ``site``."""
    if not managed_sites(actor).contains(site):
        raise NotPermitted(
            "not_site_admin", _("Only an admin of %(site)s manages its people.") % {"site": site}
        )


def require_own_admin(actor: User, site: Site) -> None:
    """Raises NotPermitted unless ``actor`` is a superuser or an admin of ``site`` itself.

    A token of an API client reads the site's cases, so being staff is not enough to make one.
    """
    require_admin(actor, site)
    if refusal := refusal_of_clients(actor, site):
        raise refusal


def refusal_of_clients(actor: User, site: Site) -> NotPermitted | None:
    """Why ``actor``, who manages the site, gives nothing to its API clients; None if they may."""
    if actor.is_superuser or _is_admin_of(actor, site):
        return None
    text = _(
        "Only an admin of %(site)s or a superuser makes API clients and tokens, or brings a client back."
    )
    return NotPermitted("not_own_admin", text % {"site": site})


def require_may_manage(actor: User, site: Site, member: User) -> None:
    """Raises NotPermitted unless ``actor`` may change what ``member`` is at ``site``.

    An admin of the site may; staff may, but not for a superuser or other staff.
    """
    require_admin(actor, site)
    if not _is_admin_of(actor, site):
        require_may_change(actor, member)


def refusals_to_manage(
    actor: User, site: Site, members: Iterable[User]
) -> dict[UUID, NotPermitted]:
    """Whom of ``members`` ``actor``, who manages the site, may not change, by their ids. One query."""
    if _is_admin_of(actor, site):
        return {}
    return {member.pk: _not_superuser() for member in members if not may_change(actor, member)}


def require_nothing_gained(actor: User, member: User, gained: Iterable[str]) -> None:
    """Raises Refused if ``actor`` would give roles to themselves. Giving up roles is free."""
    if actor.pk == member.pk and set(gained):
        raise own_roles()


def own_roles() -> Refused:
    return Refused("own_roles", _("Nobody gives roles to themselves. Ask another admin to do it."))


def may_change(actor: User, account: User) -> bool:
    """Whether ``actor`` may change ``account``.

    A superuser may change everybody. Other staff may change people who are not staff.
    """
    if not (actor.is_active and actor.is_staff):
        return False
    return actor.is_superuser or not (account.is_staff or account.is_superuser)


def require_may_change(actor: User, account: User) -> None:
    """Raises NotPermitted unless ``actor`` may change ``account``."""
    if not may_change(actor, account):
        raise _not_superuser()


def _not_superuser() -> NotPermitted:
    text = _("Only a superuser changes the account of a superuser or of other staff. Ask one.")
    return NotPermitted("not_superuser", text)


def _is_admin_of(actor: User, site: Site) -> bool:
    held = Membership.objects.current().filter(user=actor, site=site)
    return held.holding(MANAGES_SITE).exists()
