"""A button of a page that is pressed twice acts once: on a double click, on a slow line, and after Back.

The page's form has a hidden ``once``, made with the page. The second request waits for the first one, and is
answered as it was: docs/decisions/0038-the-same-request-twice.md.
"""

import hashlib
import json
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest

from accounts.requests import SignedInRequest
from triage.idempotency import Made, SentRequest, once

FIELD = "once"
# Of the framework, of where the reader goes afterwards, and of the draft: they don't say what is done.
NO_CONTENT = {FIELD, "csrfmiddlewaretoken", "then", "view", "draft_version", "draft_editor"}
LONGEST = 64


def new_key() -> str:
    return uuid4().hex


def once_of_page(
    request: SignedInRequest, model: type[Made], make: Callable[[], Made], part: str = ""
) -> Made:
    """What the request makes, or what it made when it came before.

    The key covers the content: a form that was changed after Back is another act, which the service judges.

    Args:
        part: the name of a further thing that the same request makes, in a transaction of its own.
    """
    given = request.POST.get(FIELD, "")
    if not given or len(given) > LONGEST:
        return make()  # a form of an older page
    key = hashlib.sha256(f"{given} {_content(request)} {part}".encode()).hexdigest()
    sent = SentRequest(
        request.user, f"{request.method} {request.path}", key, f"page {key}", waits=True
    )
    made, _came_before = once(sent, model, make)
    return made


def _content(request: HttpRequest) -> str:
    fields = {name: values for name, values in request.POST.lists() if name not in NO_CONTENT}
    return json.dumps(fields, sort_keys=True)
