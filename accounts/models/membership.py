"""Who belongs to which site, in which roles."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models.site import Site
from accounts.models.user import User
from accounts.roles import Role


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> "MembershipQuerySet":
        """Memberships that count today: not ended, of an active person and an active site."""
        return self.filter(is_active=True, user__is_active=True, site__is_active=True)

    def holding(self, roles: Iterable[str]) -> "MembershipQuerySet":
        """Memberships with at least one of ``roles``."""
        return self.filter(roles__overlap=[str(role) for role in roles])


class Membership(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    site = models.ForeignKey(Site, models.PROTECT, related_name="memberships")
    roles = ArrayField(
        models.CharField(max_length=16, choices=Role.choices), verbose_name=_("roles")
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            # One row holds all the roles that somebody has at a site.
            models.UniqueConstraint(fields=["user", "site"], name="membership_is_one_per_site"),
            models.CheckConstraint(
                condition=Q(roles__len__gt=0) & Q(roles__contained_by=list(Role.values)),
                name="membership_has_known_roles",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.site}"

    def clean(self) -> None:
        """A service reads and sends by token; it never acts in a person's role."""
        if Role.SERVICE in (self.roles or []) and len(self.roles) > 1:
            raise ValidationError({"roles": _("An API client can hold no other role.")})
