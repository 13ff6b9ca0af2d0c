"""Who the caller is, and what they may do where."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership, Site, User
from accounts.roles import Role
from triage.api.fields import CodeField
from triage.api.schema import described, explained
from triage.api.shown import FieldsMadeOnce
from triage.api.views import Resource


class SiteSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    class Meta:
        model = Site
        fields = ["id", "slug", "name"]
        extra_kwargs = {
            "id": explained("The site's id, a UUID.", "0192f0aa-1d35-7e04-b2a3-7c9d1e5f6a20"),
            "slug": explained(
                "The site's short name, which addresses and requests may use.", "north"
            ),
            "name": explained(
                "The site's name for people, at most 120 characters.", "North Clinic"
            ),
        }


PERSON = {
    "id": explained("The person's id, a UUID.", "0192f0aa-22c1-7b3e-8d04-51f2c3a4b5c6"),
    "name": explained("The name that others see, at most 120 characters.", "Rita Reviewer"),
}


class PersonSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    """Somebody as others see them."""

    class Meta:
        model = User
        fields = ["id", "name"]
        extra_kwargs = PERSON


class MembershipSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    site = SiteSerializer(help_text="Where the roles are held.")
    roles = serializers.ListField(
        child=CodeField(Role.choices),
        **explained("What the person may do there; at least one role.", ["clinician", "reviewer"]),
    )

    class Meta:
        model = Membership
        fields = ["site", "roles"]


class MeSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    memberships = serializers.SerializerMethodField(
        help_text="Current sites and roles, by the site's name."
    )

    class Meta:
        model = User
        fields = ["id", "email", "name", "is_service", "memberships"]
        read_only_fields = fields
        extra_kwargs = {
            **PERSON,
            "email": explained("The address to sign in with.", "rita@example.org"),
            "is_service": explained("True: an account of a program, not of a person.", False),
        }

    @extend_schema_field(MembershipSerializer(many=True))
    def get_memberships(self, user: User) -> object:
        held = Membership.objects.current().filter(user=user)
        ordered = held.select_related("site").order_by("site__name")
        return MembershipSerializer(ordered, many=True).data


class Me(Resource):
    @described("me", "Who I am, and my roles at each site", answers={200: MeSerializer})
    def get(self, request: Request) -> Response:
        """Current memberships only; ended ones are left out."""
        return Response(MeSerializer(request.user).data)
