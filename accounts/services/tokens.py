"""API clients of a site and their tokens. A token is shown once; the database keeps its hash."""

from datetime import timedelta

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from knox.models import AuthToken

from accounts.identifiers import new_id
from accounts.models import Membership, Site, User
from accounts.refusals import Refused
from accounts.roles import Role
from accounts.services.audit import record
from accounts.services.permission import require_admin, require_may_change, require_own_admin

CLIENT_TOKEN_LIFE = timedelta(days=365)


@transaction.atomic
def create_api_client(*, site: Site, name: str, actor: User) -> tuple[Membership, str]:
    """A new API client with its first token, which nobody can read again."""
    require_own_admin(actor, site)
    name = name.strip()
    if not name:
        raise Refused(
            "client_name_missing",
            _("Give the API client a name, such as the system that will use it."),
        )
    # The address only has to be unique; nothing is ever sent to it, and it has no password.
    address = f"{slugify(name)[:40] or 'client'}-{new_id().hex[-12:]}@clients.invalid"
    user = User.objects.create_user(address, name=name[:120], is_service=True)
    membership = Membership.objects.create(user=user, site=site, roles=[Role.SERVICE])
    token = AuthToken.objects.create(user, expiry=CLIENT_TOKEN_LIFE)[1]
    record("client.made", membership, actor=actor, site=site)
    return membership, token


@transaction.atomic
def create_token(*, membership: Membership, actor: User) -> str:
    """Another token for an API client, so that it can change tokens without a gap."""
    require_own_admin(actor, membership.site)
    if Role.SERVICE not in membership.roles or not membership.is_active:
        raise Refused(
            "not_a_client", _("Only an active API client gets tokens here; people sign in.")
        )
    instance, token = AuthToken.objects.create(membership.user, expiry=CLIENT_TOKEN_LIFE)
    record(
        "token.made", membership, actor=actor, site=membership.site, token_key=instance.token_key
    )
    return token


@transaction.atomic
def revoke_token(*, membership: Membership, token_key: str, actor: User) -> None:
    """Ends a token at once. Raises Refused where the client has no such token."""
    require_admin(actor, membership.site)
    tokens = AuthToken.objects.filter(user=membership.user, token_key=token_key)
    if not membership.user.is_service or not tokens.delete()[0]:
        raise Refused("token_gone", _("There is no such token any more."))
    record("token.revoked", membership, actor=actor, site=membership.site, token_key=token_key)


@transaction.atomic
def revoke_any_token(*, token: AuthToken, actor: User) -> None:
    """Ends anybody's token, as the installation's staff may."""
    require_may_change(actor, token.user)
    key, user = token.token_key, token.user
    token.delete()
    record("token.revoked", user, actor=actor, token_key=key)


@transaction.atomic
def end_all_tokens(user: User) -> None:
    """Ends every token of a person: whoever stole one must not outlast the password."""
    ended = AuthToken.objects.filter(user=user).delete()[0]
    if ended:
        record("token.all_ended", user, actor=user, tokens=ended)
