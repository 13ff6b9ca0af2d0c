"""Addresses in mails and of the API's pages: made from PUBLIC_URL, and never from the Host header.

Whoever sends a request chooses its Host, at least its port: a link in a mail would lead where a stranger
wants.
"""

from urllib.parse import urlsplit

from django.conf import settings


def public_url(path: str) -> str:
    """The address of ``path``, which begins with a slash, as people and API clients reach it."""
    return f"{settings.PUBLIC_URL}{path}"


def public_host() -> str:
    """Host, and port where it isn't the scheme's own."""
    return urlsplit(settings.PUBLIC_URL).netloc
