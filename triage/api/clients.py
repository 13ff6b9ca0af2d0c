"""The API clients of a site and their tokens, for its admins."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership
from accounts.roles import Role
from accounts.services import tokens
from triage.api.pagination import MEMBERS, OLDEST_FIRST, address, by_id
from triage.api.people import CURSOR, OfManagedSite
from triage.api.people_serializers import (
    AddClientSerializer,
    AddTokenSerializer,
    ClientListSerializer,
    ClientWithTokenSerializer,
)
from triage.api.schema import described
from triage.api.views import Nothing, no_content, only_parameters


class WithToken(OfManagedSite):
    """Shows a token in the one answer that makes it."""

    token: str | None = None

    def shown(self, client: Membership) -> Response:
        client.token = self.token  # type: ignore[attr-defined]
        return Response(ClientWithTokenSerializer(client).data, status=201)


class Clients(WithToken):
    @described(
        "clients",
        "The API clients of a site and their tokens, for its admins",
        answers={200: ClientListSerializer},
        errors=(400, 401, 404),
        parameters=[CURSOR],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Programs that send cases and read the model's output by token; they never sign."""
        only_parameters(request, "cursor")
        rows = Membership.objects.filter(site=self.site(slug), roles__contains=[Role.SERVICE])
        rows = rows.select_related("user").prefetch_related("user__auth_token_set")
        found, following = by_id(rows, request.query_params.get("cursor"), OLDEST_FIRST, MEMBERS)
        content = {"results": found, "next": address(request, following)}
        return Response(ClientListSerializer(content).data)

    @described(
        "add_client",
        "Make an API client of a site, with its first token, which is shown this once",
        request=AddClientSerializer,
        answers={201: ClientWithTokenSerializer},
        errors=(400, 401, 403, 404, 429),
        codes=("not_own_admin", "not_site_admin", "wrong_password"),
        once=True,
    )
    def post(self, request: Request, slug: str) -> Response:
        """It takes your password: a token alone makes no token. The same request again shows none."""
        site, name = self.site(slug), self.confirmed(AddClientSerializer)["name"]

        def made() -> Membership:
            client, self.token = tokens.create_api_client(site=site, name=name, actor=request.user)
            return client

        return self.shown(self.once(Membership, made))


class ClientTokens(WithToken):
    @described(
        "add_token",
        "Make another token for an API client, so that it can change tokens without a gap",
        request=AddTokenSerializer,
        answers={201: ClientWithTokenSerializer},
        errors=(400, 401, 403, 404, 409, 429),
        codes=(
            *("not_a_client", "not_own_admin", "not_site_admin"),
            *("tokens_changed", "wrong_password"),
        ),
        once=True,
    )
    def post(self, request: Request, slug: str, membership_id: UUID) -> Response:
        """It takes your password, and ends after a year. The same request again shows no token."""
        client = self.member(slug, membership_id)
        given = self.confirmed(AddTokenSerializer)

        def made() -> Membership:
            self.token = tokens.create_token(membership=client, actor=request.user, **given)
            return client

        return self.shown(self.once(Membership, made))


class OneToken(OfManagedSite):
    @described(
        "revoke_token",
        "Revoke a token of an API client: it works no longer",
        answers={204: None},
        errors=(400, 401, 403, 404),
        codes=("not_site_admin", "token_gone"),
    )
    def delete(self, request: Request, slug: str, membership_id: UUID, token_key: str) -> Response:
        """At once, and without your password. For good: make another if it was the wrong one."""
        client = self.member(slug, membership_id)
        self.checked(Nothing)
        tokens.revoke_token(membership=client, token_key=token_key, actor=request.user)
        return no_content()
