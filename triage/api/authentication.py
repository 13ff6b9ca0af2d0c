"""Who is asking: a token in the Authorization header, or the session of the site's own pages."""

from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class ApiToken(TokenAuthentication):
    """knox's tokens. Bytes that are not text are a wrong token (401), not a server error."""

    def authenticate_credentials(self, token: bytes) -> Any:
        try:
            return super().authenticate_credentials(token)
        except UnicodeDecodeError:
            raise AuthenticationFailed from None


class ApiTokenScheme(KnoxTokenScheme):
    """Names ApiToken in the OpenAPI document."""

    target_class = "triage.api.authentication.ApiToken"
    name = "token"
