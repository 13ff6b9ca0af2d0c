"""API clients of a site and their tokens. A token is shown once; the database keeps its hash."""

from collections import Counter
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext as _
from knox.models import AuthToken

from accounts.acts import Act
from accounts.identifiers import new_id
from accounts.models import Membership, Site, User
from accounts.refusals import Conflict, Refused
from accounts.requests import entry_point
from accounts.roles import Role
from accounts.services.events import emit
from accounts.services.permission import require_admin, require_may_change, require_own_admin
from accounts.texts import as_read

# A gateway's token is put into its configuration by hand: shorter, and clinics would stop once a quarter;
# without an end, a token that a former supplier still has would open the site for ever.
CLIENT_TOKEN_LIFE = timedelta(days=365)


class NoSuchToken(Refused):
    """The API client never had the token, or has it no more."""

    status = HTTPStatus.NOT_FOUND


@transaction.atomic
def create_api_client(
    *, site: Site, name: str, actor: User, client_id: UUID | None = None
) -> tuple[Membership, str]:
    """A new API client with its first token, which nobody can read again.

    Args:
        client_id: the id of its account, chosen when the form was made, so that a form that is sent twice
            makes one client.

    Raises Conflict if the client exists, another Refused without a right or a name.
    """
    require_own_admin(actor, site)
    name = as_read(name)
    if not name:
        raise Refused(
            "client_name_missing",
            _("Give the API client a name, such as the system that will use it."),
        )
    # The address only has to be unique; nothing is ever sent to it, and it has no password.
    address = f"{slugify(name)[:40] or 'client'}-{new_id().hex[-12:]}@clients.invalid"
    try:
        # The key decides between two requests at once: the second waits for the first's commit, and fails.
        with transaction.atomic():
            user = User.objects.create_user(
                address, id=client_id or new_id(), name=name[:120], is_service=True
            )
    except ValidationError as wrong:
        if "id" not in wrong.message_dict:
            raise
        raise _made_already() from None
    except IntegrityError:
        raise _made_already() from None
    membership = Membership.objects.create(user=user, site=site, roles=[Role.SERVICE])
    instance, token = AuthToken.objects.create(user, expiry=CLIENT_TOKEN_LIFE)
    after = {"name": user.name, "roles": membership.roles, **_facts(instance)}
    emit(Act.CLIENT_CREATED, membership, actor=actor, site=site, before={}, after=after)
    return membership, token


def _newest_token(user: User) -> str:
    """The first letters of the newest token, by which people recognise it; "" if there is none."""
    newest = AuthToken.objects.filter(user=user).order_by("-created", "-digest").first()
    return str(newest.token_key) if newest else ""


def _made_already() -> Conflict:
    text = _("This API client was made already, and its token shown once. Make a new token for it.")
    return Conflict("client_exists", text)


@transaction.atomic
def create_token(*, membership: Membership, actor: User, known: str | None = None) -> str:
    """Another token for an API client, so that it can change tokens without a gap.

    Args:
        known: the first letters of the newest token when the form was made, "" for none; None: not checked.

    Raises Conflict if another token is the newest: the same form came twice, or somebody else was faster.
    """
    for held in Membership.objects.filter(user=membership.user).select_related("site"):
        # A token opens every site of its client. One of an earlier version may belong to two.
        # At a site that is switched off it opens nothing, and its tokens end when that is switched on.
        if (held.is_active and held.site.is_active) or held.pk == membership.pk:
            require_own_admin(actor, held.site)
    # Two requests at once come one after the other, so that the later one finds the token of the first. NO
    # KEY: an audit row that references the membership must not wait for us.
    membership = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    current = membership.is_active and membership.user.is_active
    if Role.SERVICE not in membership.roles or not current:
        raise Refused(
            "not_a_client", _("Only an active API client gets tokens here; people sign in.")
        )
    if known is not None and known != _newest_token(membership.user):
        raise Conflict(
            "tokens_changed",
            _(
                "The tokens of this API client have changed since the page was opened. Look at them first."
            ),
        )
    _remove_expired(membership.user)
    instance, token = AuthToken.objects.create(membership.user, expiry=CLIENT_TOKEN_LIFE)
    site, after = membership.site, _facts(instance)
    emit(Act.TOKEN_CREATED, membership, actor=actor, site=site, before={}, after=after)
    return token


@transaction.atomic
def revoke_token(*, membership: Membership, token_key: str, actor: User) -> None:
    """Ends a token at once. Raises NoSuchToken."""
    require_admin(actor, membership.site)
    tokens = AuthToken.objects.filter(user=membership.user, token_key=token_key)
    if not membership.user.is_service or not tokens.delete()[0]:
        raise NoSuchToken("token_gone", _("There is no such token any more."))
    site, before = membership.site, {"token_key": token_key}
    emit(Act.TOKEN_REVOKED, membership, actor=actor, site=site, before=before, after={})


@transaction.atomic
def revoke_any_token(*, token: AuthToken, actor: User) -> None:
    """Ends anybody's token, as the installation's staff may."""
    require_may_change(actor, token.user)
    before, user = _facts(token), token.user
    token.delete()
    emit(Act.TOKEN_REVOKED, user, actor=actor, before=before, after={})


@transaction.atomic
def end_all_tokens(user: User, actor: User | None = None) -> None:
    """Ends every token of a person: whoever stole one must not outlast the password.

    ``actor``: who did what ends them; None: the person.
    """
    ended = AuthToken.objects.filter(user=user).delete()[0]
    if ended:
        before, after = {"tokens": ended}, {"tokens": 0}
        emit(Act.TOKENS_REVOKED, user, actor=actor or user, before=before, after=after)


@transaction.atomic
def end_client_tokens(*, site: Site, actor: User, member: Membership | None = None) -> None:
    """Ends the tokens of a site's API clients as it is switched off or on, or of one as it leaves or returns.

    Both ways: staff may switch on and bring back what they may make no token for. A client of another site
    too, as an earlier version allowed, keeps its tokens for that site.

    Call it with the site's row locked, after the membership is stored: ``create_token`` waits for that row.
    """
    clients = Membership.objects.filter(site=site, roles__contains=[Role.SERVICE])
    if member is not None:
        clients = clients.filter(pk=member.pk)
    elsewhere = Membership.objects.filter(user=OuterRef("user"), is_active=True).exclude(site=site)
    clients = clients.exclude(Exists(elsewhere)).order_by("pk")
    tokens = AuthToken.objects.filter(user__in=clients.values("user"))
    ended = Counter(tokens.values_list("user", flat=True))
    tokens.delete()
    # Emitted once all are deleted: who revokes a token holds its row and waits for the trail.
    for client in clients.filter(user__in=list(ended)):
        before, after = {"tokens": ended[client.user_id]}, {"tokens": 0}
        emit(Act.TOKENS_REVOKED, client, actor=actor, site=site, before=before, after=after)


@transaction.atomic
def sign_in_with_token(user: User, request: HttpRequest) -> tuple[AuthToken, str]:
    """A new token for somebody who has just signed in by ``request``. It is shown once."""
    _remove_expired(user)
    made, token = AuthToken.objects.create(user)
    emit(Act.SIGNED_IN, user, actor=user, token_key=made.token_key, **entry_point(request))
    return made, token


@transaction.atomic
def sign_out_of_token(token: AuthToken) -> None:
    """Ends one token of a person. Their other tokens stay as they are."""
    key, user = token.token_key, token.user
    token.delete()
    emit(Act.SIGNED_OUT, user, actor=user, token_key=key)


def _remove_expired(user: User) -> None:
    """Nobody can use these any more, so that nobody's right ends here, and no event tells of it."""
    AuthToken.objects.filter(user=user, expiry__lt=Now()).delete()


def _facts(token: AuthToken) -> dict[str, Any]:
    """The facts of a token for an event: its first letters, by which people recognise it, and its expiry."""
    return {"token_key": token.token_key, "expiry": token.expiry}
