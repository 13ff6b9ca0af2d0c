"""Reads the header ``Prefer`` (RFC 7240): how long a client wants to wait for the outcome of its request."""

import re

from django.conf import settings
from django.http import HttpRequest

_WAIT = re.compile(r'\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?', re.IGNORECASE)
_ASYNC = re.compile(r"\s*respond-async\s*(?:;.*)?", re.IGNORECASE)


def preferred_wait(request: HttpRequest) -> tuple[int, str]:
    """Seconds to wait, and what ``Preference-Applied`` says: "" if the client said nothing that counts.

    ``wait=N`` counts up to the most that a request may wait. ``respond-async`` alone is ``wait=0``. The first
    of two counts, and a preference that can't be read is as good as none, as the RFC asks.
    """
    seconds = settings.CALLUS_DECISION_SECONDS
    preferences = request.headers.get("Prefer", "").split(",")
    for preference in preferences:
        if found := _WAIT.fullmatch(preference):
            wait = min(int(found[1]), seconds["most"])
            return wait, f"wait={wait}"
    if any(_ASYNC.fullmatch(preference) for preference in preferences):
        return 0, "respond-async"
    return seconds["usual"], ""
