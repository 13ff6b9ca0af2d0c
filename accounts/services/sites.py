"""Sites: made by the installation's staff."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import NotPermitted
from accounts.services.events import emit
from accounts.services.tokens import end_client_tokens

FIELDS = ("name", "slug", "time_zone", "is_active")


@transaction.atomic
def save_site(*, site: Site, actor: User) -> Site:
    """Stores a new or changed site.

    Raises NotPermitted, and ValidationError where it doesn't hold together.
    """
    if not (actor.is_active and actor.is_staff):
        raise NotPermitted("not_staff", _("Only the installation's staff make and change sites."))
    if site._state.adding:
        site.full_clean()
        site.save()
        after = _facts(site, FIELDS)
        emit(Act.SITE_CREATED, site, actor=actor, site=site, before={}, after=after)
        return site
    # Two changes at once come one after the other, so that each one's "before" is true. NO KEY: a case or an
    # audit row that references the site must not wait for us.
    stored = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    changed = [name for name in FIELDS if getattr(stored, name) != getattr(site, name)]
    site.full_clean()
    if not changed:
        return site
    if "is_active" in changed:
        end_client_tokens(site=site, actor=actor)
    # Recorded first: another slug locks the row against every row that references the site, and those
    # who hold the site's audit chain are about to commit such a row.
    before, after = _facts(stored, changed), _facts(site, changed)
    emit(Act.SITE_CHANGED, site, actor=actor, site=site, before=before, after=after)
    site.save()
    return site


def _facts(site: Site, fields: Any) -> dict[str, Any]:
    return {name: getattr(site, name) for name in fields}
