"""Who sees what. Lists and single objects share this one definition."""

from collections.abc import Iterable
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.access import sites_where
from accounts.models import User
from accounts.roles import READS_CASES, Role


class SiteOwnedQuerySet(models.QuerySet):
    """Rows that belong to a site, by the path in ``site_path``."""

    site_path = "site"

    def visible_to(self, user: User | AnonymousUser, roles: Iterable[Role] = READS_CASES) -> Self:
        """Rows of the sites where ``user`` holds one of ``roles``. Everything else doesn't exist."""
        return self.filter(**{f"{self.site_path}__in": sites_where(user, roles)})
