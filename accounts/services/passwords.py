"""Ends what depends on an old password, and records sign-ins and sign-outs."""

from typing import Any

from allauth.core import context
from django.http import HttpRequest

from accounts.acts import Act
from accounts.models import User
from accounts.requests import entry_point, view_name
from accounts.services.events import emit
from accounts.services.tokens import end_all_tokens
from accounts.services.tries import forget_tries


def end_old_password(user: User, **_: Any) -> None:
    """Ends tokens and waits.

    A stolen token must not outlast the password, and a person who could choose a new
    one has shown who they are. Sessions end by themselves, since Django binds them to the password.
    """
    request = context.request
    # The tries first: whoever records a wrong password holds its row, and waits for the trail, which ending
    # tokens may take.
    forget_tries(user)
    end_all_tokens(user)
    # Without a request it was a command of an operator.
    actor = user if request else None
    emit(
        Act.PASSWORD_CHANGED,
        user,
        actor=actor,
        before={},
        after={},
        private=["password"],
        **entry_point(request),
    )


def record_sign_in(user: User, request: HttpRequest, **_: Any) -> None:
    """Records a sign-in that came to an address of Callus. A session made in code isn't recorded."""
    if view_name(request):
        emit(Act.SIGNED_IN, user, actor=user, **entry_point(request))


def record_sign_out(user: User | None, request: HttpRequest, **_: Any) -> None:
    if user and view_name(request):
        emit(Act.SIGNED_OUT, user, actor=user, **entry_point(request))
