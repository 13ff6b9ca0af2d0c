"""Who is asking: a token in the Authorization header, or the session of the site's own pages."""

from typing import Any

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed


class ApiToken(TokenAuthentication):
    """knox's tokens. Bytes that are not text are a wrong token (401), not a server error."""

    def authenticate_credentials(self, token: bytes) -> Any:
        try:
            return super().authenticate_credentials(token)
        except UnicodeDecodeError:
            raise AuthenticationFailed from None

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        """Whether the token has expired.

        knox reads all tokens of the person for each request, to remove those that have expired: of a program
        that signs in for each case these are thousands. Here making a token does it.
        """
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()


class ApiTokenScheme(KnoxTokenScheme):
    """Names ApiToken in the OpenAPI document."""

    target_class = "triage.api.authentication.ApiToken"
    name = "token"
