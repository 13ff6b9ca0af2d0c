"""Renders status 429 after too many wrong passwords."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.services.tries import NotChecked


class AnswerTooManyTries:
    """Answers 429 for every page, whichever view it was that asked for the password."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotChecked):
            return None
        were_wrong = exception.were_wrong
        context = {
            "title": _("Wait before the next try") if were_wrong else _("Try again in a moment"),
            "text": exception.message,
            "were_wrong": were_wrong,
            "lifted_by_reset": exception.lifted_by_reset,
        }
        answer = render(request, "account/locked.html", context, status=exception.status)
        answer["Retry-After"] = str(exception.seconds)
        return answer
