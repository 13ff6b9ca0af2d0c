"""Accounts as the installation's staff make and change them. Nobody raises themselves."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acts import Act
from accounts.models import Membership, Site, User
from accounts.refusals import NotPermitted, Refused
from accounts.roles import MANAGES_SITE
from accounts.services.events import emit
from accounts.services.people import keep_an_admin
from accounts.services.permission import require_may_change
from accounts.services.tokens import end_all_tokens

FIELDS = ("name", "email", "is_active", "is_staff", "is_superuser")
RANKS = ("is_staff", "is_superuser")
_MAKES_STAFF = gettext_lazy("Only a superuser makes somebody staff or superuser.")


@transaction.atomic
def make_account(*, account: User, actor: User) -> User:
    """Stores a new person without a password: they choose one by "Forgot your password?".

    Raises Refused: no right, or the address is not valid or is already used.
    """
    _require_staff(actor)
    if (account.is_staff or account.is_superuser) and not actor.is_superuser:
        raise NotPermitted("not_superuser", _MAKES_STAFF)
    account.email = account.email.strip().lower()
    account.set_unusable_password()
    _check_fields(account)
    account.save()
    emit(Act.USER_CREATED, account, actor=actor, before={}, after=_facts(account, FIELDS))
    return account


@transaction.atomic
def change_account(*, account: User, changes: Mapping[str, Any], actor: User) -> User:
    """Changes some of FIELDS of an account.

    Raises Refused: no right, the last superuser or the last admin of a site would be lost, one
    would shut oneself out, or the address is taken.
    """
    _require_staff(actor)
    account = _lock_account(account)
    require_may_change(actor, account)
    changed = {name: value for name, value in changes.items() if getattr(account, name) != value}
    if unknown := set(changed) - set(FIELDS):
        raise ValueError(f"No service changes {sorted(unknown)}.")
    _check_rank(account, changed, actor)
    _check_address(account, changed, actor)
    before = _facts(account, changed)
    for name, value in changed.items():
        setattr(account, name, value.strip().lower() if name == "email" else value)
    _check_fields(account)
    if changed:
        # Recorded first: another address locks the row against every row that references the person, and
        # those who hold the audit chain are about to commit such a row.
        after = _facts(account, changed)
        emit(Act.USER_CHANGED, account, actor=actor, before=before, after=after)
    account.save()
    _check_who_is_left(account, before)
    if "email" in changed:
        end_all_tokens(account)  # whoever held the old mailbox must not keep a way in
    if "is_active" in changed:
        # Both ways: an account that comes back, an API client's above all, comes back without a token.
        end_all_tokens(account, actor)
    return account


def _require_staff(actor: User) -> None:
    if not (actor.is_active and actor.is_staff):
        raise NotPermitted("not_staff", _("Only the installation's staff change accounts."))


def _lock_account(account: User) -> User:
    """Locks the account, and what must not lose its last admin or superuser. Returns the account anew.

    Sites before accounts, each in the order of their ids: the order of every service here, so that two
    of them can't wait for each other. NO KEY, since an audit row that names them must not wait for us.
    All superusers, not only this account: two acts that each take the rank from one of the last two
    superusers would otherwise each still find the other one, and none would be left.
    """
    held = Membership.objects.filter(user=account).holding(MANAGES_SITE)
    sites = Site.objects.filter(pk__in=held.values("site_id")).order_by("pk")
    list(sites.select_for_update(no_key=True))
    top = User.objects.filter(is_superuser=True) | User.objects.filter(pk=account.pk)
    locked = {user.pk: user for user in top.order_by("pk").select_for_update(no_key=True)}
    return locked[account.pk]


def _check_rank(account: User, changed: Mapping[str, Any], actor: User) -> None:
    if set(changed) & set(RANKS):
        if not actor.is_superuser:
            raise NotPermitted("not_superuser", _MAKES_STAFF)
        if account.is_service:
            raise Refused(
                "client_as_staff", _("An API client can't be staff. Make a person instead.")
            )
    if changed.get("is_active") is False and account.pk == actor.pk:
        raise Refused(
            "own_account", _("Nobody switches their own account off. Ask another superuser.")
        )


def _check_address(account: User, changed: Mapping[str, Any], actor: User) -> None:
    """The address is the key of an account: whoever reads its mail can choose a new password."""
    if "email" not in changed:
        return
    if account.is_service:
        raise Refused(
            "client_has_no_mailbox",
            _("An API client has no mailbox; its address stays as it is."),
        )
    # An invited reader has no password yet: with their address a clerk would be that reader.
    belongs = Membership.objects.filter(user=account).exists()
    if (belongs or account.has_usable_password()) and not actor.is_superuser:
        raise NotPermitted(
            "not_superuser",
            _(
                "Only a superuser changes the address of somebody who has chosen a password or belongs to "
                "a site."
            ),
        )


def _check_who_is_left(account: User, before: Mapping[str, Any]) -> None:
    """Call after the change is stored: it queries the rows for what must be left."""
    was = {**_facts(account, ("is_superuser", "is_active")), **before}
    top = User.objects.filter(is_superuser=True, is_active=True)
    if was["is_superuser"] and was["is_active"] and not top.exists():
        raise Refused(
            "last_superuser",
            _("The installation needs an active superuser. Make somebody else one first."),
        )
    if before.get("is_active"):
        held = Membership.objects.filter(user=account, is_active=True).holding(MANAGES_SITE)
        for membership in held.filter(site__is_active=True).select_related("site"):
            keep_an_admin(membership.site)


def _check_fields(account: User) -> None:
    try:
        account.full_clean(exclude=["password"])
    except ValidationError as error:
        raise Refused("account_invalid", " ".join(error.messages)) from None


def _facts(account: User, fields: Any) -> dict[str, Any]:
    return {name: getattr(account, name) for name in sorted(fields)}
