"""Who the caller is, and what they may do where."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Membership, Site, User
from accounts.roles import Role
from triage.api.resource import Resource
from triage.api.schema import described
from triage.api.words import WordField


class SiteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Site
        fields = ["id", "slug", "name"]


class PersonSerializer(serializers.ModelSerializer):
    """Somebody as others see them."""

    class Meta:
        model = User
        fields = ["id", "name"]


class MembershipSerializer(serializers.ModelSerializer):
    site = SiteSerializer()
    roles = serializers.ListField(child=WordField(Role.choices))

    class Meta:
        model = Membership
        fields = ["site", "roles"]


class MeSerializer(serializers.ModelSerializer):
    memberships = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "email", "name", "is_service", "memberships"]
        read_only_fields = fields

    @extend_schema_field(MembershipSerializer(many=True))
    def get_memberships(self, user: User) -> object:
        held = Membership.objects.current().filter(user=user)
        ordered = held.select_related("site").order_by("site__name")
        return MembershipSerializer(ordered, many=True).data


class Me(Resource):
    @described("me", "Who I am, and my roles at each site", answers={200: MeSerializer})
    def get(self, request: Request) -> Response:
        """Memberships that count today: ended ones are not listed."""
        return Response(MeSerializer(request.user).data)
