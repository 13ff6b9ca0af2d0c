"""Tokens for people: signing in makes one, signing out ends it."""

from typing import Any

from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.tokens import sign_in_with_token, sign_out_of_token
from triage.api.authentication import ApiToken
from triage.api.schema import described, explained
from triage.api.views import Nothing, Resource, StrictSerializer, no_content


class CredentialsSerializer(StrictSerializer):
    email = serializers.EmailField(
        max_length=254,
        **explained("The account's address, at most 254 characters.", "rita@example.org"),
    )
    password = serializers.CharField(
        trim_whitespace=False,
        max_length=1024,
        **explained("At most 1,024 characters; spaces count.", "correct horse battery staple"),
    )


class NewTokenSerializer(serializers.Serializer):
    token = serializers.CharField(
        **explained("Shown once. Send it as `Authorization: Token …`.", "4f1c9be0d3c45a1c8d7f" * 3)
    )
    expiry = serializers.DateTimeField(
        **explained("When the token ends, in UTC.", "2026-03-02T19:14:27Z")
    )


class Login(Resource):
    authentication_classes = []
    permission_classes = [AllowAny]

    def get_authenticate_header(self, request: Request) -> str:
        return ApiToken().authenticate_header(request)

    @described(
        "login",
        "Sign in with e-mail address and password for a token",
        request=CredentialsSerializer,
        answers={200: NewTokenSerializer},
        errors=(400, 401, 429),
    )
    def post(self, request: Request) -> Response:
        """Wrong passwords count to the same limits as on the sign-in page; 429 says how long to wait."""
        given = self.checked(CredentialsSerializer)
        # The same answer, after the same time, for nobody, the wrong password and an ended account.
        user = authenticate(request, email=given["email"].lower(), password=given["password"])
        if user is None:
            raise AuthenticationFailed(
                _("The e-mail address or the password is wrong."), code="wrong_credentials"
            )
        made, token = sign_in_with_token(user, request)
        return Response(NewTokenSerializer({"token": token, "expiry": made.expiry}).data)


class Logout(Resource):
    authentication_classes = [ApiToken]

    @described(
        "logout",
        "End the token that this request is made with",
        answers={204: None},
        errors=(400, 401),
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Other tokens of the same person stay as they are."""
        self.checked(Nothing)
        sign_out_of_token(request.auth)
        return no_content()
