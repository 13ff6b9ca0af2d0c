"""Throttles passwords. Every view checks a password through ``check_throttled``.

PostgreSQL holds the counts: all web processes share it, a full cache would forget, and the client chooses
the Host header that allauth counts by. An unknown address is counted like a known one, so that neither the
answer nor its time reveals whether an address has an account.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from math import ceil
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acts import Act
from accounts.limits import (
    ADDRESS_TRIES,
    PERSON_TRIES,
    PERSON_WINDOW,
    Wait,
    wait_for,
)
from accounts.models import SignInTry, User
from accounts.refusals import Refused
from accounts.requests import client_network, entry_point
from accounts.services.events import emit

# The longest window that is counted is an hour; a day leaves room for clocks, and no more than a day of
# what strangers typed is kept, hashed or not.
RETENTION = timedelta(days=1)


class TooManyTries(Refused):
    """No password is checked now. ``seconds`` is how long to wait, at least 1."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, wait: Wait, now: datetime) -> None:
        self.wait = wait
        self.seconds = max(1, ceil((wait.until - now).total_seconds()))
        super().__init__("throttled", self._sentence())

    def _sentence(self) -> str:
        until = date_format(timezone.localtime(self.wait.until), "H:i:s T")
        text = _("There were too many wrong passwords. You can try again %(soon)s, at %(time)s.")
        text %= {"soon": self._soon(), "time": until}
        if self.wait.lifted_by_reset:
            help_ = _("A new password, chosen by “Forgot your password?”, ends the wait at once.")
            return f"{text} {help_}"
        return text

    def _soon(self) -> str:
        if self.seconds < 120:
            text = ngettext("in %(count)d second", "in %(count)d seconds", self.seconds)
            return text % {"count": self.seconds}
        return _("in %(count)d minutes") % {"count": ceil(self.seconds / 60)}


def find_person(email: str) -> User | None:
    """The person with this address. The throttle and the password check must mean the same person."""
    return User.objects.filter(email=email.strip().lower(), is_service=False).first()


def check_throttled(
    request: HttpRequest | None, email: str, check: Callable[[], User | None]
) -> User | None:
    """Checks a password as one counted try, and records it in the audit trail when it is wrong.

    Args:
        check: the check itself; it returns the person, or None where the password is wrong.

    Raises TooManyTries: the limit is reached; ``check`` was not called.
    """
    person = find_person(email)
    attempt = _begin(_person_key(person, email), _digest("address", client_network(request)))
    user = check()
    if user is None:
        _record_wrong(attempt, person, request)
    else:
        attempt.delete()
    return user


def forget_tries(person: User) -> None:
    """Ends every wait that wrong passwords of this person have caused."""
    SignInTry.objects.filter(person=_person_key(person, person.email)).delete()


def _person_key(person: User | None, email: str) -> str:
    return _digest("person", str(person.pk) if person else f"typed {email.strip().lower()}")


def _digest(kind: str, text: str) -> str:
    key = f"accounts.tries.{kind}"
    return salted_hmac(key, text.encode(errors="replace"), algorithm="sha256").hexdigest()


@transaction.atomic(durable=True)
def _begin(person: str, address: str) -> SignInTry:
    """Counts a try before its password is checked, so that a hundred at once are not a hundred tries.

    Durable, since a caller's rollback would take the count back.
    """
    now = _lock(person, address)
    if wait := _wait(person, address, now):
        raise TooManyTries(wait, now)
    return SignInTry.objects.create(person=person, address=address)


def _lock(*keys: str) -> datetime:
    """Locks both counters until commit, and reads the database's clock after that.

    Advisory locks, since a counter without a try has no row; in the order of their numbers, so that two
    tries can't wait for each other.
    """
    # 15 hexadecimal digits are 60 bits: they fit into the signed 64 of a lock's number.
    numbers = sorted(int(key[:15], 16) for key in keys)
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        # Not now(): that is when the transaction began, before it waited for the locks.
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _wait(person: str, address: str, now: datetime) -> Wait | None:
    of_person = list(
        SignInTry.objects.filter(person=person, at__gt=now - PERSON_WINDOW)
        .order_by("-at")
        .values_list("at", "address")[:PERSON_TRIES]
    )
    from_address = SignInTry.objects.filter(address=address).order_by("-at")
    return wait_for(
        now,
        pair=[at for at, where in of_person if where == address],
        person=[at for at, _where in of_person],
        address=list(from_address.values_list("at", flat=True)[:ADDRESS_TRIES]),
    )


@transaction.atomic
def _record_wrong(attempt: SignInTry, person: User | None, request: HttpRequest | None) -> None:
    """Emits the event of a wrong password: about the person, or about the try if nobody has the address.

    A refused try emits nothing: else a stranger could fill the trail, which nobody can empty.
    """
    SignInTry.objects.filter(at__lt=attempt.at - RETENTION).delete()
    wait = _wait(attempt.person, attempt.address, attempt.at)
    detail: dict[str, Any] = {"locked_until": wait.until.isoformat()} if wait else {}
    emit(Act.PASSWORD_WRONG, person or attempt, actor=None, **entry_point(request), **detail)
