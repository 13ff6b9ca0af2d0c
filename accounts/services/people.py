"""People of a site: added, given roles, taken off, brought back. Nobody is ever deleted."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import Membership, Site, User
from accounts.refusals import Refused
from accounts.roles import Role
from accounts.services.events import emit
from accounts.services.permission import (
    require_admin,
    require_may_manage,
    require_nothing_gained,
    require_own_admin,
)
from accounts.services.tokens import end_client_tokens
from accounts.texts import as_read


@transaction.atomic
def add_person(
    *, site: Site, email: str, name: str, roles: Sequence[str], actor: User
) -> tuple[Membership, bool]:
    """Adds a person to a site. Makes an account if the address has none.

    Returns:
        The membership, and whether the account is new: it has no password yet, so invite them.

    Raises:
        Refused: no right, no such role, or a member already.
    """
    require_admin(actor, site)
    _check_roles(roles)
    # Two who add the same person at once come one after the other, and the later one finds the account.
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    user = User.objects.filter(email=email.strip().lower()).first()
    made = user is None
    if user is None:
        try:
            with transaction.atomic():
                user = User.objects.create_user(email, name=as_read(name))
        except ValidationError as error:
            raise Refused("account_invalid", " ".join(error.messages)) from None
        except IntegrityError:
            text = _("%(email)s was added to another site at the same moment. Try again.")
            raise Refused("added_meanwhile", text % {"email": email.strip()}) from None
    return add_member(site=site, user=user, roles=roles, actor=actor), made


@transaction.atomic
def add_member(*, site: Site, user: User, roles: Sequence[str], actor: User) -> Membership:
    """Adds somebody who has an account to a site.

    Raises Refused: no right, no such role, a member already, an API client, or the actor themselves.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # two at once: see add_person
    require_may_manage(actor, site, user)
    _check_roles(roles)
    require_nothing_gained(actor, user, roles)
    if user.is_service:
        raise Refused(
            "client_of_another_site",
            _("An API client belongs to the site that it was made for."),
        )
    if Membership.objects.filter(user=user, site=site).exists():
        raise Refused(
            "member_already", _("%(email)s belongs to this site already.") % {"email": user.email}
        )
    membership = Membership(user=user, site=site, roles=sorted(set(roles)))
    membership.full_clean()
    membership.save()
    after = {"user": str(user.pk), "roles": membership.roles, "is_active": True}
    emit(Act.MEMBERSHIP_ADDED, membership, actor=actor, site=site, before={}, after=after)
    return membership


@transaction.atomic
def change_roles(*, membership: Membership, roles: Sequence[str], actor: User) -> Membership:
    """Gives a member other roles. A site keeps at least one admin."""
    membership = _lock_membership(membership, actor)
    if Role.SERVICE in membership.roles:
        raise Refused(
            "client_keeps_its_role", _("An API client keeps its role. Make a person instead.")
        )
    _check_roles(roles)
    before = {"roles": membership.roles}
    membership.roles = sorted(set(roles))
    membership.full_clean()
    membership.save(update_fields=["roles"])
    keep_an_admin(membership.site)
    require_nothing_gained(actor, membership.user, set(roles) - set(before["roles"]))
    site, after = membership.site, {"roles": membership.roles}
    if after != before:
        act = Act.MEMBERSHIP_ROLES_CHANGED
        emit(act, membership, actor=actor, site=site, before=before, after=after)
    return membership


def end_membership(*, membership: Membership, actor: User) -> Membership:
    """Takes a person off a site. What they signed stays theirs. The tokens of an API client end, unless it
    belongs to another site too.
    """
    return _switch(membership, False, actor)


def restore_membership(*, membership: Membership, actor: User) -> Membership:
    """Brings a person back with the roles they had.

    An API client of this site alone comes back without a token. One that belongs to another site too, as
    earlier versions allowed, still has its tokens for that site, and they open this one again. Raises
    NotPermitted where the actor may not make a client a token.
    """
    return _switch(membership, True, actor)


@transaction.atomic
def _switch(membership: Membership, active: bool, actor: User) -> Membership:
    membership = _lock_membership(membership, actor)
    if active and not membership.is_active:
        require_nothing_gained(actor, membership.user, membership.roles)
        if membership.user.is_service:
            # Staff alone must not: somebody still has what was this client's token, perhaps they do.
            require_own_admin(actor, membership.site)
    before = {"is_active": membership.is_active}
    membership.is_active = active
    membership.save(update_fields=["is_active"])
    keep_an_admin(membership.site)
    if membership.user.is_service and before["is_active"] != active:
        # Also of one that comes back: versions before this one left its tokens when it was ended.
        end_client_tokens(site=membership.site, actor=actor, member=membership)
    site, after = membership.site, {"is_active": active}
    if after != before:
        act = Act.MEMBERSHIP_RESTORED if active else Act.MEMBERSHIP_ENDED
        emit(act, membership, actor=actor, site=site, before=before, after=after)
    return membership


def _lock_membership(membership: Membership, actor: User) -> Membership:
    """Locks the membership's site, so that two admins can't remove each other at once."""
    # NO KEY: an audit row or a case that references the site must not wait for us.
    site = Site.objects.select_for_update(no_key=True).get(pk=membership.site_id)
    membership = Membership.objects.select_related("user", "site").get(pk=membership.pk)
    require_may_manage(actor, site, membership.user)
    return membership


def _check_roles(roles: Sequence[str]) -> None:
    if not roles:
        raise Refused("role_missing", _("Choose at least one role."))
    if unknown := set(roles) - set(Role.values) | {Role.SERVICE} & set(roles):
        raise Refused(
            "bad_role", _("A person can't have the role %(role)s.") % {"role": min(unknown)}
        )


def keep_an_admin(site: Site) -> None:
    """Raises Refused if nobody active administers ``site``. Call it with the site's row locked."""
    if not Membership.objects.current().filter(site=site).holding([Role.ADMIN]).exists():
        raise Refused("last_admin", _("A site needs an admin. Make somebody else admin first."))
