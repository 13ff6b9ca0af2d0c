"""The people of a site, for its admins and the installation's staff."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership, Site
from accounts.people_log import people_log, read_before
from accounts.roles import Role
from accounts.services import people
from accounts.services.invitations import invite_after_commit
from accounts.services.permission import managed_sites
from triage.api.confirming import Confirmed, ConfirmedSerializer
from triage.api.examples import A_CURSOR
from triage.api.pagination import MEMBERS, OLDEST_FIRST, address, by_id
from triage.api.people_serializers import (
    AddPersonSerializer,
    ChangeRolesSerializer,
    MemberListSerializer,
    MemberSerializer,
    PeopleChangeListSerializer,
)
from triage.api.schema import described, with_example
from triage.api.views import Nothing, only_parameters

CURSOR = OpenApiParameter("cursor", str, description=with_example("Taken from `next`.", A_CURSOR))
# What the services behind these addresses refuse. Of a right that is given, the password's refusal too.
TAKING = ("not_site_admin", "not_superuser")
GIVING = (*TAKING, "own_roles", "wrong_password")


class OfManagedSite(Confirmed):
    """Below a site whose people the caller manages. Nobody else learns that it exists."""

    def site(self, slug: str) -> Site:
        found: Site | None = managed_sites(self.request.user).filter(slug=slug).first()
        if found is None:
            raise Http404
        return found

    def member(self, slug: str, membership_id: UUID) -> Membership:
        rows = Membership.objects.select_related("user", "site")
        found = rows.filter(site=self.site(slug), pk=membership_id).first()
        if found is None:
            raise Http404
        return found


def shown(member: Membership, status: int = 200) -> Response:
    return Response(MemberSerializer(member).data, status=status)


class People(OfManagedSite):
    @described(
        "people",
        "The people of a site, for its admins",
        answers={200: MemberListSerializer},
        errors=(400, 401, 404),
        parameters=[CURSOR],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Also those who no longer belong to it. API clients are in `clients`."""
        only_parameters(request, "cursor")
        rows = Membership.objects.filter(site=self.site(slug)).exclude(
            roles__contains=[Role.SERVICE]
        )
        rows, cursor = rows.select_related("user"), request.query_params.get("cursor")
        found, following = by_id(rows, cursor, OLDEST_FIRST, MEMBERS)
        content = {"results": found, "next": address(request, following)}
        return Response(MemberListSerializer(content).data)

    @described(
        "add_person",
        "Add a person to a site; an address without an account gets an invitation by mail",
        request=AddPersonSerializer,
        answers={201: MemberSerializer},
        errors=(400, 401, 403, 404, 429),
        codes=(
            *(*GIVING, "account_invalid", "added_meanwhile"),
            *("client_of_another_site", "member_already"),
        ),
        once=True,
    )
    def post(self, request: Request, slug: str) -> Response:
        """It takes your password: a token alone gives nobody a right. Nobody adds themselves."""
        site, given = self.site(slug), self.confirmed(AddPersonSerializer)

        def added() -> Membership:
            member, is_new = people.add_person(site=site, actor=request.user, **given)
            if is_new:
                invite_after_commit(member)
            return member

        return shown(self.once(Membership, added), 201)


class Roles(OfManagedSite):
    @described(
        "change_roles",
        "Give a person of a site other roles",
        request=ChangeRolesSerializer,
        answers={200: MemberSerializer},
        errors=(400, 401, 403, 404, 429),
        codes=(*GIVING, "client_keeps_its_role", "last_admin"),
    )
    def put(self, request: Request, slug: str, membership_id: UUID) -> Response:
        """It takes your password. Nobody gives roles to themselves, and a site keeps an admin."""
        member = self.member(slug, membership_id)
        roles = self.confirmed(ChangeRolesSerializer)["roles"]
        return shown(people.change_roles(membership=member, roles=roles, actor=request.user))


class End(OfManagedSite):
    @described(
        "end_membership",
        "Take a person or an API client off a site",
        answers={200: MemberSerializer},
        errors=(400, 401, 403, 404),
        codes=(*TAKING, "last_admin"),
        once=True,
    )
    def post(self, request: Request, slug: str, membership_id: UUID) -> Response:
        """At once, and without your password. What they signed stays theirs; a site keeps an admin.

        The tokens of an API client end for good.
        """
        member = self.member(slug, membership_id)
        self.checked(Nothing)

        def ended() -> Membership:
            return people.end_membership(membership=member, actor=request.user)

        return shown(self.once(Membership, ended))


class Restoring(OfManagedSite):
    @described(
        "restore_membership",
        "Bring a person or an API client back to a site",
        request=ConfirmedSerializer,
        answers={200: MemberSerializer},
        errors=(400, 401, 403, 404, 429),
        codes=(*GIVING, "last_admin", "not_own_admin"),
        once=True,
    )
    def post(self, request: Request, slug: str, membership_id: UUID) -> Response:
        """With the roles that they had. It takes your password; nobody brings themselves back.

        An API client comes back without a token, and staff alone don't bring it back.
        """
        member = self.member(slug, membership_id)
        self.confirmed(ConfirmedSerializer)

        def restored() -> Membership:
            return people.restore_membership(membership=member, actor=request.user)

        return shown(self.once(Membership, restored))


class PeopleChanges(OfManagedSite):
    @described(
        "people_changes",
        "What was done to a site's people, API clients and tokens, newest first",
        answers={200: PeopleChangeListSerializer},
        errors=(400, 401, 404),
        parameters=[
            OpenApiParameter("before", str, description=with_example("Taken from `next`.", "4711"))
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """In pages of 50, from the audit trail, which nobody can change."""
        only_parameters(request, "before")
        site = self.site(slug)
        try:
            before = read_before(request.query_params.get("before", ""))
        except ValueError:
            raise ValidationError({"before": ["Take it from `next`."]}) from None
        log = people_log(site, before)
        following = urlencode({"before": log.earlier}) if log.earlier else None
        content: dict[str, Any] = {"results": log.acts, "next": address(request, following)}
        return Response(PeopleChangeListSerializer(content).data)
