"""How often somebody may try a password: counted per client address and per e-mail address.

Two counters, since one address can try many people and many addresses can try one person. They lie
in the shared cache, so that they count over all web processes.
"""

import hashlib
from collections.abc import Mapping

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class _LoginThrottle(SimpleRateThrottle):
    scope = "login"

    def get_rate(self) -> str | None:
        """Read at each request rather than at import, so that settings stay the one place."""
        return api_settings.DEFAULT_THROTTLE_RATES[self.scope]


class LoginPerAddress(_LoginThrottle):
    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"login-from-{self.get_ident(request)}"

    def get_ident(self, request: Request) -> str:
        """X-Forwarded-For counts only where NUM_PROXIES says who writes it: else a client could."""
        if api_settings.NUM_PROXIES is None:
            return str(request.META.get("REMOTE_ADDR", ""))
        return str(super().get_ident(request))


class LoginPerPerson(_LoginThrottle):
    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        email = request.data.get("email") if isinstance(request.data, Mapping) else None
        if not isinstance(email, str):
            return None
        digest = hashlib.sha256(email.strip().lower().encode(errors="replace")).hexdigest()
        return f"login-as-{digest}"
