"""Who asks, where only signed-in people can."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """The request that a view behind ``login_required`` gets."""

    user: User


def person(request: HttpRequest) -> User:
    """The signed-in person, where a supertype's signature names a plain request."""
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in.")
    return request.user
