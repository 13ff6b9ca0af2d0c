"""Signing in by token, and who one is."""

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from accounts.models import Membership
from accounts.services.audit import record
from triage.api.documented import documented
from triage.api.serializers import EmptySerializer, StrictSerializer
from triage.api.views import Resource


class KnoxScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """``Authorization: Token …`` in the OpenAPI schema."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token and a space before the token itself.",
        }


class LoginThrottle(SimpleRateThrottle):
    """Counts tries by client address."""

    scope = "login"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"login-from-{self.get_ident(request)}"


class LoginByAddressThrottle(LoginThrottle):
    """Counts tries by the person's address, wherever they come from."""

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        email = request.data.get("email") if isinstance(request.data, dict) else None
        return f"login-as-{str(email).strip().lower()[:254]}" if email else None


class LoginSerializer(StrictSerializer):
    email = serializers.EmailField()
    password = serializers.CharField(max_length=256, trim_whitespace=False)


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class LoginView(APIView):
    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle, LoginByAddressThrottle]

    @documented("Sign in", takes=LoginSerializer, gives=TokenSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """A token for twelve hours. A wrong password, an unknown or an inactive person: one answer."""
        incoming = LoginSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        user = authenticate(request._request, **incoming.validated_data)
        if user is None or not user.is_active:
            raise exceptions.AuthenticationFailed(_("The e-mail address or the password is wrong."))
        instance, token = AuthToken.objects.create(user)
        record("person.signed_in", user, actor=user, token_key=instance.token_key)
        return Response(TokenSerializer({"token": token, "expiry": instance.expiry}).data)

    def get_authenticate_header(self, request: Request) -> str:
        return "Token"


class LogoutView(Resource):
    @documented("Sign out", takes=EmptySerializer, status=204)
    def post(self, request: Request) -> Response:
        """Ends the token that the request came with."""
        if isinstance(request.auth, AuthToken):
            request.auth.delete()
        return Response(status=204)


class MembershipSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="site.id")
    slug = serializers.CharField(source="site.slug")
    name = serializers.CharField(source="site.name")

    class Meta:
        model = Membership
        fields = ["id", "slug", "name", "roles"]


class MeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    sites = MembershipSerializer(many=True)


class MeView(Resource):
    @documented("Who am I", gives=MeSerializer)
    def get(self, request: Request) -> Response:
        """The person behind the token, and their roles by site."""
        user = request.user
        memberships = Membership.objects.current().filter(user=user).select_related("site")
        values = {"id": user.pk, "name": user.name, "email": user.email, "sites": memberships}
        return Response(MeSerializer(values).data)
