"""The signed-in person of a request, its client address and its view."""

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
IPV6_NETWORK = 64  # bits: a household or a server has a whole network of them


class SignedInRequest(HttpRequest):
    """The request that a view behind ``login_required`` gets."""

    user: User


def person(request: HttpRequest) -> User:
    """The signed-in person, for code whose type is a plain HttpRequest."""
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in.")
    return request.user


def client_address(request: HttpRequest | None) -> Address | None:
    """The IP address of the client. None if it has none, as on a Unix socket.

    X-Forwarded-For counts only where NUM_PROXIES says that our own proxies write it, and only as many of its
    entries, from the right: the client itself wrote the ones before.
    """
    if request is None:
        return None
    text = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR") or "")
    if settings.PROXIES and forwarded:
        entries = forwarded.split(",")
        text = entries[-min(settings.PROXIES, len(entries))].strip()
    try:
        address = ipaddress.ip_address(_host(text))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _host(text: str) -> str:
    """The address out of ``192.0.2.1:4711``, ``[2001:db8::1]:4711`` or ``fe80::1%eth0``.

    The zone is a name on the proxy's own machine, which the column of the audit trail can't hold.
    """
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return text.partition("%")[0]


def client_network(request: HttpRequest | None) -> str:
    """What the throttles count as one client: an IPv4 address, an IPv6 network, or all without one."""
    address = client_address(request)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address.packed, IPV6_NETWORK), strict=False))
    return str(address or "")


def view_name(request: HttpRequest | None) -> str:
    """The URL name of the requested view; "" if there is no request."""
    match = getattr(request, "resolver_match", None)
    return str(match.view_name) if match else ""


def entry_point(request: HttpRequest | None) -> dict[str, Any]:
    """The view that a person came in by, as a fact of an event.

    ``door`` is its key in the audit trail since the first version; a stored row can't change.
    """
    return {"door": view_name(request)}
