"""Many wrong passwords at the same moment are as many tries, and never more than the limit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier, Event, Semaphore, Thread

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import AuditEntry, SignInTry, User
from accounts.refusals import Refused
from accounts.services import tries
from accounts.services.accounts import change_account
from tests.concurrency.meeting import StoppableThread, meet, wait_until_blocked
from tests.factories import PASSWORD, make_user

AT_ONCE = 16


def at_once(act, count=AT_ONCE):
    """What ``act(number)`` returned in each of ``count`` threads that began together."""
    start = Barrier(count)

    def one(number):
        try:
            start.wait(30)
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def answer_of(email, password, address="192.0.2.1"):
    return Client().post(
        reverse("api_login"),
        {"email": email, "password": password},
        content_type="application/json",
        REMOTE_ADDR=address,
    )


def over_rest(email, password, address):
    return answer_of(email, password, address).status_code


def in_a_thread(*arguments):
    """``over_rest`` with a connection of its own."""
    try:
        return over_rest(*arguments)
    finally:
        connections.close_all()


class Held:
    """Each check of a password stops until ``go``."""

    def __init__(self):
        self.begun, self.go = Semaphore(0), Event()
        self.checks = 0

    def wait_for(self, count):
        for _ in range(count):
            assert self.begun.acquire(timeout=30)


@pytest.fixture
def held(monkeypatch):
    held, verify = Held(), MD5PasswordHasher.verify

    def stopping(self, password, encoded):
        held.checks += 1
        held.begun.release()
        assert held.go.wait(30)
        return verify(self, password, encoded)

    monkeypatch.setattr(MD5PasswordHasher, "verify", stopping)
    yield held
    held.go.set()


def patience(monkeypatch, seconds):
    monkeypatch.setattr(tries, "WAITS_FOR_OTHERS", timedelta(seconds=seconds))


# Five right passwords from one address, or ten from ten, leave no try of the pair, or of the person.
SIDE_BY_SIDE = {5: lambda _number: "192.0.2.1", 10: lambda number: f"192.0.2.{number}"}


@pytest.mark.parametrize("count", SIDE_BY_SIDE)
def test_right_passwords_at_one_moment_count_as_none(committed_db, monkeypatch, held, count):
    """As many as could be wrong are checked; the next one waits, and isn't called a wrong password."""
    user, address = make_user(), SIDE_BY_SIDE[count]
    patience(monkeypatch, 0.2)
    with ThreadPoolExecutor(count) as pool:
        first = [
            pool.submit(in_a_thread, user.email, PASSWORD, address(number))
            for number in range(count)
        ]
        held.wait_for(count)
        busy = answer_of(user.email, PASSWORD)
        assert (busy.status_code, busy.json()["error"]["code"]) == (429, "being_checked")
        plain = "Several passwords are being checked now. Try again in a moment."
        assert (busy["Retry-After"], busy.json()["error"]["message"]) == ("1", plain)
        page = Client().post(
            reverse("account_login"),
            {"login": user.email, "password": PASSWORD},
            REMOTE_ADDR="192.0.2.1",
        )
        assert page.status_code == 429 and plain in page.text
        assert "<h1>Try again in a moment" in page.text
        assert not {word for word in ("wrong", "typed them", "Forgot") if word in page.text}
        assert held.checks == count
        patience(monkeypatch, 30)
        later = pool.submit(in_a_thread, user.email, PASSWORD, "192.0.2.1") if count < 10 else None
        held.go.set()
        assert [one.result() for one in first] == [200] * count
        assert later is None or later.result() == 200
    assert over_rest(user.email, PASSWORD, "192.0.2.1") == 200
    assert not SignInTry.objects.exists()


def test_who_waits_for_wrong_passwords_is_refused_unchecked(committed_db, monkeypatch, held):
    user = make_user()
    patience(monkeypatch, 30)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [
            pool.submit(in_a_thread, user.email, "wrong" if number < 15 else PASSWORD, "192.0.2.1")
            for number in range(AT_ONCE)
        ]
        held.wait_for(5)
        held.go.set()
        codes = sorted(answer.result() for answer in answers)
    # The right one among them may have been one of the first five: then a sixth was checked.
    checked = 6 if 200 in codes else 5
    assert codes.count(429) == AT_ONCE - checked and held.checks == checked
    assert codes.count(401) == SignInTry.objects.count() == 5
    assert answer_of(user.email, PASSWORD).json()["error"]["code"] == "throttled"
    entries = AuditEntry.objects.filter(verb="person.password_wrong").order_by("id")
    assert ["locked_until" in entry.detail for entry in entries] == [False] * 4 + [True]


def test_a_check_that_never_ended_is_a_wrong_password(committed_db):
    """Its process was killed: else each kill would be five more guesses."""
    user = make_user()
    for _ in range(4):
        over_rest(user.email, "wrong", "192.0.2.1")
    left = SignInTry.objects.latest("pk")
    left.pk, left.checked_until = None, Now() - timedelta(seconds=1)
    left.save()
    assert answer_of(user.email, PASSWORD).json()["error"]["code"] == "throttled"


def change_password(user):
    user.set_password("quite another phrase")
    user.save()


def test_a_password_is_changed_while_a_wrong_one_is_recorded(committed_db):
    """Both hold rows of tries and then the trail: in one order, so that neither is given up."""
    stop, stops = 0, [""]
    while stop < len(stops):
        user = make_user()
        AuthToken.objects.create(user)
        over_rest(user.email, "wrong", "192.0.2.2")
        changing = StoppableThread(partial(change_password, user), stop)
        guessing = StoppableThread(partial(over_rest, user.email, "wrong", "192.0.2.1"))
        meet(changing, guessing)
        assert (changing.error, guessing.error, guessing.result) == (None, None, 401), (
            changing.stops
        )
        stops, stop = changing.stops, stop + 1
        SignInTry.objects.all().delete()
    assert "pg_advisory" not in str(stops) and len(stops) >= 4


def test_no_more_than_five_of_a_pair_are_checked(committed_db):
    user = make_user()
    codes = at_once(lambda number: over_rest(user.email, "wrong", "192.0.2.1"))
    assert sorted(codes) == [401] * 5 + [429] * (AT_ONCE - 5)
    assert SignInTry.objects.count() == 5
    assert AuditEntry.objects.filter(verb="person.password_wrong").count() == 5
    assert over_rest(user.email, PASSWORD, "192.0.2.1") == 429


def test_no_more_than_ten_of_an_address_are_checked(committed_db):
    users = [make_user() for _ in range(AT_ONCE)]
    codes = at_once(lambda number: over_rest(users[number].email, "wrong", "192.0.2.1"))
    assert sorted(codes) == [401] * 10 + [429] * (AT_ONCE - 10)


def test_a_person_is_tried_from_everywhere_no_more_than_ten_times_without_a_wait(committed_db):
    user = make_user()
    codes = at_once(lambda number: over_rest(user.email, "wrong", f"192.0.2.{number}"))
    assert sorted(codes) == [401] * 10 + [429] * (AT_ONCE - 10)


def test_crossing_tries_do_not_wait_for_each_other(committed_db):
    """Two people from two addresses, each pair at once: the counters are locked in one order."""
    users = [make_user(), make_user()]

    def act(number):
        return over_rest(users[number % 2].email, PASSWORD, f"192.0.2.{number // 2 % 2}")

    assert at_once(act) == [200] * AT_ONCE


@pytest.mark.parametrize("changed", [{"is_superuser": False}, {"is_active": False}])
def test_two_superusers_can_not_end_each_other(committed_db, changed):
    """The second waits for the first to commit, and then finds itself the last one."""
    first, second = (make_user(is_staff=True, is_superuser=True) for _ in range(2))
    refused = []

    def end_the_second():
        try:
            change_account(account=second, changes=changed, actor=first)
        except Refused as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    with transaction.atomic():
        change_account(account=first, changes=changed, actor=second)
        other = Thread(target=end_the_second)
        other.start()
        wait_until_blocked(connection.connection.info.backend_pid)
    other.join(30)
    assert refused == ["The installation needs an active superuser. Make somebody else one first."]
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
