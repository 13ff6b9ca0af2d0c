"""Many wrong passwords at the same moment are as many tries, and never more than the limit."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, SignInTry, User
from accounts.refusals import Refused
from accounts.services.accounts import change_account
from tests.concurrency.meeting import wait_until_blocked
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


def over_rest(email, password, address):
    return (
        Client()
        .post(
            reverse("api_login"),
            {"email": email, "password": password},
            content_type="application/json",
            REMOTE_ADDR=address,
        )
        .status_code
    )


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
