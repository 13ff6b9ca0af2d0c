"""Who may change a site's people: its admins and the installation's staff."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership, Site, User
from accounts.roles import MANAGES_SITE


class PeopleRefused(Exception):
    """A change that can't be made. ``str()`` is the sentence for the page; nothing was changed."""


class NotAdmin(PeopleRefused):
    """The actor administers neither this site nor the installation."""


def managed_sites(user: User) -> QuerySet[Site]:
    """The active sites whose people ``user`` may manage."""
    active = Site.objects.filter(is_active=True)
    if user.is_staff and user.is_active:
        return active
    held = Membership.objects.current().filter(user=user).holding(MANAGES_SITE)
    return active.filter(pk__in=held.values("site_id"))


def require_admin(actor: User, site: Site) -> None:
    """Raises NotAdmin unless ``actor`` may manage the people of ``site``."""
    if not managed_sites(actor).contains(site):
        raise NotAdmin(_("Only an admin of %(site)s manages its people.") % {"site": site})
