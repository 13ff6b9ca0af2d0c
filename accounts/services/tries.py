"""Throttles passwords. Every view checks a password through ``check_throttled``.

PostgreSQL holds the counts: all web processes share it, a full cache would forget, and the client chooses
the Host header that allauth counts by. An unknown address is counted like a known one, so that neither the
answer nor its time reveals whether an address has an account.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from math import ceil
from time import monotonic, sleep
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
    ASKS_AGAIN,
    LONGEST_CHECK,
    PERSON_TRIES,
    PERSON_WINDOW,
    WAITS_FOR_OTHERS,
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


class NotChecked(Refused):
    """No password is checked now. ``seconds`` is how long to wait, at least 1.

    ``were_wrong``: whether wrong passwords are the reason. ``lifted_by_reset``: whether a completed password
    reset ends the wait sooner.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS
    seconds = 1
    were_wrong = False
    lifted_by_reset = False


class BeingChecked(NotChecked):
    """So many passwords are being checked at this moment that one more could be a try too many.

    None of them is known to be wrong.
    """

    def __init__(self) -> None:
        text = _("Several passwords are being checked now. Try again in a moment.")
        super().__init__("being_checked", text)


class TooManyTries(NotChecked):
    """There were too many wrong passwords."""

    were_wrong = True

    def __init__(self, wait: Wait, now: datetime) -> None:
        self.wait, self.lifted_by_reset = wait, wait.lifted_by_reset
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

    Raises NotChecked: the limit is reached, or may be by those being checked; ``check`` was not called.
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


def _begin(person: str, address: str) -> SignInTry:
    """Admits a try, after waiting for others that are being checked if it must.

    A try is stored before its password is checked, so that a hundred at once are not a hundred guesses: no
    more are checked together than the limits would allow if all of them turned out to be wrong. But which of
    them are wrong isn't known yet, and whoever signs in ten times at one moment with the right password has
    guessed nothing. So the next one waits here until they are decided, and holds no lock meanwhile.

    Raises TooManyTries, and BeingChecked where they aren't decided soon.
    """
    until = monotonic() + WAITS_FOR_OTHERS.total_seconds()
    while (attempt := _admit(person, address)) is None:
        if monotonic() > until:
            raise BeingChecked
        sleep(ASKS_AGAIN.total_seconds())
    return attempt


@transaction.atomic(durable=True)
def _admit(person: str, address: str) -> SignInTry | None:
    """A stored try; None where those being checked use up what the limits leave.

    Durable, since a caller's rollback would take the try back. Raises TooManyTries.
    """
    now = _lock(person, address)
    tries = _Tries.read(person, address, now)
    if wait := tries.wait(now):
        raise TooManyTries(wait, now)
    if tries.wait(now, with_undecided=True):
        return None
    return SignInTry.objects.create(
        person=person, address=address, checked_until=now + LONGEST_CHECK
    )


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


@dataclass(frozen=True)
class _Tries:
    """The newest tries of a person and from an address, the newest first.

    As many of each as its limit: none is admitted while those in the window reach it, so none is left out.
    """

    address_key: str
    of_person: list[SignInTry]
    from_address: list[SignInTry]

    @classmethod
    def read(cls, person: str, address: str, now: datetime) -> "_Tries":
        of_person = SignInTry.objects.filter(person=person, at__gt=now - PERSON_WINDOW)
        from_address = SignInTry.objects.filter(address=address)
        return cls(
            address,
            list(of_person.order_by("-at")[:PERSON_TRIES]),
            list(from_address.order_by("-at")[:ADDRESS_TRIES]),
        )

    def wait(self, now: datetime, *, with_undecided: bool = False) -> Wait | None:
        """``with_undecided``: as if each password that is being checked were wrong."""

        def counts(row: SignInTry) -> bool:
            return with_undecided or row.checked_until is None or row.checked_until <= now

        of_person = [row for row in self.of_person if counts(row)]
        return wait_for(
            now,
            pair=[row.at for row in of_person if row.address == self.address_key],
            person=[row.at for row in of_person],
            address=[row.at for row in self.from_address if counts(row)],
        )


def _record_wrong(attempt: SignInTry, person: User | None, request: HttpRequest | None) -> None:
    """Emits the event of a wrong password: about the person, or about the try if nobody has the address.

    A refused try emits nothing: else a stranger could fill the trail, which nobody can empty.
    """
    wait = _count(attempt)
    detail: dict[str, Any] = {"locked_until": wait.until.isoformat()} if wait else {}
    with transaction.atomic():
        # Without those that others are deleting: who waits for a row here holds one that they may want.
        old = SignInTry.objects.filter(at__lt=attempt.at - RETENTION)
        SignInTry.objects.filter(
            pk__in=old.select_for_update(skip_locked=True, no_key=True).values("pk")
        ).delete()
        emit(Act.PASSWORD_WRONG, person or attempt, actor=None, **entry_point(request), **detail)


@transaction.atomic(durable=True)
def _count(attempt: SignInTry) -> Wait | None:
    """Counts a try as wrong. Until when the next one waits, if it does.

    By itself, since the event waits for the trail, and other tries must not wait for that with it.
    """
    # Of several that are found wrong at one moment, the last one sees the others, and says until when.
    now = _lock(attempt.person, attempt.address)
    SignInTry.objects.filter(pk=attempt.pk).update(checked_until=None)
    return _Tries.read(attempt.person, attempt.address, now).wait(now)
