"""Wrong passwords in every view: counted together, answered with a sentence, recorded, lifted by a reset."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import AuditEntry, SignInTry
from accounts.services.tries import find_person
from tests.factories import PASSWORD, make_user

NEW = "quite another phrase"


def on_the_page(email, password, address="192.0.2.1", **headers):
    form = {"login": email, "password": password}
    return Client().post(reverse("account_login"), form, REMOTE_ADDR=address, headers=headers)


def over_rest(email, password, address="192.0.2.1", **headers):
    return Client().post(
        reverse("api_login"),
        {"email": email, "password": password},
        content_type="application/json",
        REMOTE_ADDR=address,
        headers=headers,
    )


def signed_in(user, address="192.0.2.1"):
    client = Client(REMOTE_ADDR=address)
    client.force_login(user)
    return client


def reauthenticate(user, password, address="192.0.2.1"):
    return signed_in(user, address).post(reverse("account_reauthenticate"), {"password": password})


def change(user, password, address="192.0.2.1"):
    form = {"oldpassword": password, "password1": NEW, "password2": NEW}
    return signed_in(user, address).post(reverse("account_change_password"), form)


def later(**time):
    """As if that much time had passed."""
    SignInTry.objects.update(at=F("at") - timedelta(**time))


def lock_out(email, address="192.0.2.1"):
    for _ in range(5):
        assert over_rest(email, "wrong", address).status_code == 401


def test_five_wrong_passwords_lock_one_address_and_not_the_person(people):
    email = people.reviewer.email
    lock_out(email)
    for sign_in in (on_the_page, over_rest):
        assert sign_in(email, PASSWORD).status_code == 429
    assert on_the_page(email, PASSWORD, "198.51.100.7")["Location"] == "/"
    assert over_rest(people.clinician.email, PASSWORD).status_code == 200  # a colleague beside them
    later(minutes=16)
    assert on_the_page(email, PASSWORD).status_code == 302


@pytest.mark.parametrize("who", ["reviewer", "staff"])
def test_all_views_count_together(people, who):
    user = getattr(people, who)
    views = [
        lambda: on_the_page(user.email, "wrong"),
        lambda: over_rest(user.email, "wrong"),
        lambda: reauthenticate(user, "wrong"),
        lambda: change(user, "wrong"),
        lambda: on_the_page(user.email.upper(), "wrong"),
    ]
    assert [view().status_code for view in views] == [200, 401, 200, 200, 200]
    assert SignInTry.objects.count() == 5
    assert [view().status_code for view in views] == [429] * 5
    assert SignInTry.objects.count() == 5, "a refused try is no try"
    for right in (reauthenticate, change):
        assert right(user, PASSWORD).status_code == 429
    assert reauthenticate(user, PASSWORD, "198.51.100.7").status_code == 302
    assert change(user, PASSWORD, "198.51.100.7").status_code == 302


@pytest.mark.parametrize("host", ["127.0.0.1:9999", "localhost", "testserver:1"])
def test_another_host_header_is_no_way_round(people, host):
    lock_out(people.reviewer.email)
    assert on_the_page(people.reviewer.email, PASSWORD, Host=host).status_code == 429
    assert over_rest(people.reviewer.email, PASSWORD, Host=host).status_code == 429


def test_x_forwarded_for_counts_as_far_as_proxies_of_ours_write_it(people, settings):
    email = people.reviewer.email
    lock_out(email)
    spoofed = {"X-Forwarded-For": "203.0.113.9"}
    assert on_the_page(email, PASSWORD, **spoofed).status_code == 429
    settings.PROXIES = 1
    assert over_rest(email, PASSWORD, **spoofed).status_code == 200
    own_word = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1"}
    assert over_rest(email, PASSWORD, **own_word).status_code == 429


def test_an_ipv6_network_is_one_client(people):
    for number in range(5):
        over_rest(people.reviewer.email, "wrong", f"2001:db8::{number}")
    assert over_rest(people.reviewer.email, PASSWORD, "2001:db8::ffff:1").status_code == 429
    assert over_rest(people.reviewer.email, PASSWORD, "2001:db8:0:1::1").status_code == 200


def test_fifty_an_hour_from_everywhere_and_a_growing_delay_before(people):
    email = people.reviewer.email
    for number in range(10):
        assert over_rest(email, "wrong", f"198.51.100.{number}").status_code == 401
    waits = []
    for number in range(10, 50):
        refused = over_rest(email, PASSWORD, f"203.0.113.{number}")
        assert refused.status_code == 429
        waits.append(int(refused["Retry-After"]))
        later(seconds=waits[-1])
        assert over_rest(email, "wrong", f"203.0.113.{number}").status_code == 401
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (1, 512)
    # All fifty twenty minutes ago: every delay is over, the hour is not.
    SignInTry.objects.update(at=Now() - timedelta(minutes=20))
    refused = over_rest(email, PASSWORD, "203.0.113.99")
    assert refused.status_code == 429
    assert 2390 < int(refused["Retry-After"]) <= 2400
    assert over_rest(people.clinician.email, PASSWORD, "203.0.113.99").status_code == 200
    later(hours=1)
    assert over_rest(email, PASSWORD, "203.0.113.99").status_code == 200


def test_the_page_says_until_when_and_that_a_reset_lifts_it(people):
    lock_out(people.reviewer.email)
    answer = on_the_page(people.reviewer.email, PASSWORD)
    page = answer.content.decode()
    assert re.search(r"You can try again in 15 minutes, at \d\d:\d\d:\d\d UTC\.", page)
    assert "A new password, chosen by “Forgot your password?”, ends the wait at once." in page
    assert f'href="{reverse("account_reset_password")}"' in page
    assert 890 < int(answer["Retry-After"]) <= 900
    assert "<h1>Wait before the next try" in page and "you who typed them" in page
    assert people.reviewer.email not in page
    error = over_rest(people.reviewer.email, PASSWORD).json()["error"]
    assert "You can try again in 15 minutes" in error["message"]


def test_a_completed_reset_lifts_it(people):
    user = people.reviewer
    lock_out(user.email)
    lock_out(people.clinician.email, "192.0.2.2")
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert on_the_page(user.email, PASSWORD).status_code == 429  # asking for the mail lifts nothing
    link = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert on_the_page(user.email, NEW).status_code == 302
    assert on_the_page(people.clinician.email, PASSWORD, "192.0.2.2").status_code == 429
    assert AuditEntry.objects.get(verb="person.password_changed").actor == user


def test_a_right_password_counts_nothing(people):
    for _ in range(20):
        assert over_rest(people.reviewer.email, PASSWORD).status_code == 200
    assert not SignInTry.objects.exists()


def test_somebody_unknown_is_counted_and_answered_as_somebody_known(people):
    known, unknown = people.reviewer.email, "nobody@example.org"
    for address, email in (("192.0.2.1", known), ("192.0.2.2", unknown)):
        lock_out(email, address)
    pages = []
    for address, email in (("192.0.2.1", known), ("192.0.2.2", unknown)):
        answer = on_the_page(email, PASSWORD, address)
        assert answer.status_code == 429
        pages.append(re.sub(r"at \d\d:\d\d:\d\d|csrf\w+\W+value=\S+", "", answer.content.decode()))
    assert pages[0] == pages[1]


def test_somebody_unknown_takes_the_same_time(people, monkeypatch):
    """As many statements and as many hashes: what takes time."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given)
    )
    costs = []
    for email in (people.reviewer.email, "nobody@example.org"):
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            over_rest(email, "wrong", "192.0.2.5")
        costs.append((len(queries), len(hashed)))
    assert costs[0] == costs[1]
    assert costs[0][1] == 1


def test_wrong_passwords_are_recorded_and_a_strangers_words_are_not(people):
    on_the_page(people.reviewer.email, "wrong")
    over_rest("typed-my-password@example.org", "wrong")
    known, unknown = AuditEntry.objects.filter(verb="person.password_wrong").order_by("id")
    assert (known.subject_id, known.detail["door"]) == (str(people.reviewer.pk), "account_login")
    assert (unknown.subject_type, unknown.detail["door"]) == ("accounts.signintry", "api_login")
    assert {known.address, unknown.address} == {"192.0.2.1"}
    assert known.actor is unknown.actor is None  # nobody has shown who they are
    stored = str([vars(entry) for entry in (unknown, *SignInTry.objects.all())])
    assert "typed-my-password" not in stored
    assert "wrong" not in str([known.detail, unknown.detail])


def test_the_wrong_password_that_locks_says_until_when(people):
    lock_out(people.reviewer.email)
    over_rest(people.reviewer.email, "wrong")
    entries = AuditEntry.objects.filter(verb="person.password_wrong").order_by("id")
    assert ["locked_until" in entry.detail for entry in entries] == [False] * 4 + [True]


def test_signing_in_and_out_and_proving_oneself_are_recorded(people):
    client = Client()
    form = {"login": people.reviewer.email, "password": PASSWORD}
    client.post(reverse("account_login"), form)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_logout"))
    over_rest(people.reviewer.email, PASSWORD)
    entries = AuditEntry.objects.filter(actor=people.reviewer).order_by("id")
    assert [(entry.verb, entry.detail["door"]) for entry in entries] == [
        ("person.signed_in", "account_login"),
        ("person.reauthenticated", "account_reauthenticate"),
        ("person.signed_out", "account_logout"),
        ("person.signed_in", "api_login"),
    ]


def test_a_new_password_set_by_any_code_ends_tokens_and_waits(people):
    AuthToken.objects.create(people.reviewer)
    lock_out(people.reviewer.email)
    people.reviewer.set_password(NEW)  # as `manage.py changepassword` does
    people.reviewer.save()
    assert not AuthToken.objects.exists()
    assert not SignInTry.objects.exists()
    assert AuditEntry.objects.get(verb="person.password_changed").actor is None


def test_a_hash_that_is_only_renewed_changes_no_password(people, settings):
    AuthToken.objects.create(people.reviewer)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    before = people.reviewer.password
    assert over_rest(people.reviewer.email, PASSWORD).status_code == 200
    people.reviewer.refresh_from_db()
    assert people.reviewer.password != before
    assert AuthToken.objects.count() == 2


@pytest.mark.parametrize("spelt", ["ｒita@example.org", "RİTA@example.org", "rıta@example.org"])
def test_a_look_alike_address_is_nobodys(people, spelt):
    """PostgreSQL's upper case makes ı an I: each spelling would be five more tries."""
    make_user("rita@example.org")
    assert find_person(spelt) is None
    assert on_the_page(spelt, PASSWORD).status_code == 200
    Client().post(reverse("account_reset_password"), {"email": spelt})
    assert not [letter for letter in mail.outbox if "/reset/key/" in letter.body]


def test_an_api_client_gets_in_by_no_password_and_no_reset(people):
    people.service.set_password(PASSWORD)
    people.service.save()
    assert on_the_page(people.service.email, PASSWORD).status_code == 200
    assert over_rest(people.service.email, PASSWORD).status_code == 401
    Client().post(reverse("account_reset_password"), {"email": people.service.email})
    assert not [letter for letter in mail.outbox if "/reset/key/" in letter.body]


def test_old_tries_are_forgotten(people):
    lock_out(people.reviewer.email)
    later(days=2)
    over_rest(people.clinician.email, "wrong")
    assert SignInTry.objects.count() == 1
