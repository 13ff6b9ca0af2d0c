"""At which sites a person holds which role, for what waits for a role: one query for all lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Membership, User
from accounts.roles import MANAGES_SITE, READS_CASES, SIGNS_REVIEWS, Role


@dataclass(frozen=True)
class HeldRoles:
    user: User
    by_site: Mapping[UUID, list[str]]

    @classmethod
    def of(cls, user: User) -> "HeldRoles":
        held = Membership.objects.current().filter(user=user).holding(READS_CASES)
        return cls(user, dict(held.values_list("site_id", "roles")))

    @property
    def sites(self) -> list[UUID]:
        return list(self.by_site)

    @property
    def led(self) -> list[UUID]:
        """Sites of which the person is a lead: they manage it and give opinions there."""
        return [
            site_id
            for site_id, roles in self.by_site.items()
            if not (set(roles).isdisjoint(MANAGES_SITE) or set(roles).isdisjoint(SIGNS_REVIEWS))
        ]

    def sites_as(self, role: Role) -> list[UUID]:
        return [site_id for site_id, roles in self.by_site.items() if role in roles]
