"""Messages to the next page, each said once: a browser may send a form twice before it shows an answer."""

from typing import Any

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse


class SaidOnce(FallbackStorage):
    def _store(
        self, messages: list[Message], response: HttpResponse, *args: Any, **kwargs: Any
    ) -> list[Message]:
        different: list[Message] = []
        for message in messages:
            if message not in different:
                different.append(message)
        stored: list[Message] = super()._store(different, response, *args, **kwargs)  # type: ignore[misc]
        return stored
