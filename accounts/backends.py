"""The authentication backend. Every password check of Django comes here."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.services.tries import check_throttled, find_person


class GuardedBackend(AuthenticationBackend):
    """allauth's backend behind the throttle, by e-mail address only.

    Raises NotChecked. Django's ``authenticate`` lets it through, so every view answers 429: the
    pages by ``accounts.middleware``, the API by its exception handler.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        email = credentials.get("email") or credentials.get("username")
        password = credentials.get("password")
        if not email or not password:
            return None
        check = super().authenticate

        def checked() -> User | None:
            return check(request, email=email, password=password)  # type: ignore[return-value]

        return check_throttled(request, str(email), checked)

    def _authenticate_by_email(self, email: str, password: str) -> Any:
        """Finds the person as the throttle does, so that both mean the same person."""
        return self._check_password(find_person(email), password)
