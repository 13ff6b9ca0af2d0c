"""Answers to a page's script: an HTML fragment of the page, or the result of an action."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http.response import HttpResponseBase

from accounts.requests import SignedInRequest

Rest = ParamSpec("Rest")
Response = TypeVar("Response", bound=HttpResponseBase)


def fragment(
    view: Callable[Concatenate[SignedInRequest, Rest], Response],
) -> Callable[Concatenate[SignedInRequest, Rest], Response]:
    """Marks the answer as the site's own.

    A proxy or a hotel's sign-in page answers in the site's place with status 200 and HTML of its own;
    ``connection.js`` ignores a response without this header.
    """

    @wraps(view)
    def wrapper(request: SignedInRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> Response:
        response = view(request, *args, **kwargs)
        response["X-Callus-Part"] = "1"
        return response

    return wrapper
