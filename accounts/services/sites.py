"""Sites: made by the installation's staff."""

from django.db import transaction

from accounts.models import Site, User
from accounts.services.audit import record


@transaction.atomic
def save_site(*, site: Site, actor: User) -> Site:
    """Stores a new or changed site. Raises ValidationError where it doesn't hold together."""
    made = site._state.adding
    site.full_clean()
    site.save()
    record("site.made" if made else "site.changed", site, actor=actor, site=site)
    return site
