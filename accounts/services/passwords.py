"""What ends with an old password, and what the audit trail says of people who come and go."""

from typing import Any

from allauth.core import context
from django.http import HttpRequest

from accounts.models import User
from accounts.requests import door
from accounts.services.audit import record
from accounts.services.tokens import end_all_tokens
from accounts.services.tries import forget_tries


def end_old_password(user: User, **_: Any) -> None:
    """Ends tokens and waits: whoever stole one must not outlast the password, and whoever could choose a
    new one has shown who they are. Sessions end by themselves, since Django binds them to the password.
    """
    request = context.request
    end_all_tokens(user)
    forget_tries(user)
    # Without a request it was a command of an operator.
    actor = user if request else None
    record("person.password_changed", user, actor=actor, door=door(request))


def record_sign_in(user: User, request: HttpRequest, **_: Any) -> None:
    """A session that was begun at an address of ours; one made by code came through no door."""
    if door(request):
        record("person.signed_in", user, actor=user, door=door(request))


def record_sign_out(user: User | None, request: HttpRequest, **_: Any) -> None:
    if user and door(request):
        record("person.signed_out", user, actor=user, door=door(request))
