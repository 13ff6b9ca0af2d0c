"""allauth, as this installation uses it."""

from types import SimpleNamespace
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act
from accounts.models import User
from accounts.public import public_host, public_url
from accounts.requests import client_network, entry_point
from accounts.services.events import emit


class InvitedPeopleOnly(DefaultAccountAdapter):
    """People are added by a site's admin; nobody signs up by themselves."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "The e-mail address or the password is wrong. Try again, or choose a new password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address that the throttle of passwords counts."""
        return client_network(request)

    def is_safe_url(self, url: str) -> bool:
        """Allows only this site's addresses after signing in: allauth would also allow the request's Host."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Checks the password of ``user``, as one counted try. Raises NotChecked."""
        if not isinstance(user, User):
            return False
        found = authenticate(current.request, email=user.email, password=password)
        if found is None or found.pk != user.pk:
            return False
        emit(Act.REAUTHENTICATED, user, actor=user, **entry_point(current.request))
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends a mail whose links lead to PUBLIC_URL, never to the Host of the request."""
        here = current.request.build_absolute_uri("/")
        links = {
            name: public_url(value.removeprefix(here.rstrip("/")))
            for name, value in context.items()
            if isinstance(value, str) and value.startswith(here)
        }
        site = SimpleNamespace(name="Callus", domain=public_host())
        super().send_mail(template_prefix, email, {**context, **links, "current_site": site})
