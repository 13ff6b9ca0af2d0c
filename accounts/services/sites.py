"""Sites: made by the installation's staff."""

from django.db import transaction

from accounts.models import Site, User
from accounts.services.audit import record


@transaction.atomic
def save_site(*, site: Site, actor: User) -> Site:
    """Stores a new or changed site. Raises ValidationError where it doesn't hold together."""
    if site._state.adding:
        site.full_clean()
        site.save()
        record("site.made", site, actor=actor, site=site)
        return site
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    site.full_clean()
    # Recorded first: another slug locks the row against every row that references the site, and those
    # who hold the site's audit chain are about to commit such a row.
    record("site.changed", site, actor=actor, site=site)
    site.save()
    return site
