"""Signing in and out, and passwords."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from config.settings import base
from tests.factories import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client, email, password=PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def test_in_and_out(people, client):
    answer = sign_in(client, people.clinician.email.upper())
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    client.post(reverse("account_logout"))
    assert client.get("/").status_code == 302


def test_an_answer_that_is_on_its_way_brings_no_old_token_back(people, client):
    """A page of another tab asks each few seconds; since its session has ended, it gets this page."""
    token = settings.CSRF_COOKIE_NAME
    assert token in client.get(LOGIN).cookies
    old = client.cookies[token].value
    for address in ("/", LOGIN, "/admin/login/"):
        assert token not in client.get(address, follow=True).cookies
    assert sign_in(client, people.clinician.email).cookies[token].value != old
    for address in ("/", reverse("drafts")):
        assert token not in client.get(address).cookies


@pytest.mark.parametrize("typed", ["{}", "  {} ", "\t{}"])
def test_capitals_and_blanks_in_an_address_do_not_matter(people, client, typed):
    email = typed.format(people.clinician.email.title())
    assert sign_in(client, email)["Location"] == "/"
    login = {"email": email, "password": PASSWORD}
    assert client.post("/api/v1/auth/login", login, "application/json").status_code == 200


def test_a_wrong_password_and_an_unknown_address_look_the_same(people, client):
    wrong = sign_in(client, people.clinician.email, "wrong")
    unknown = sign_in(client, "nobody@example.org", "wrong")
    assert wrong.status_code == unknown.status_code == 200
    texts = [
        re.findall(r"errorlist[^>]*>(.*?)</ul>", each.content.decode()) for each in (wrong, unknown)
    ]
    assert texts[0] == texts[1] != []


def test_an_inactive_person_does_not_get_in(people, client):
    people.clinician.is_active = False
    people.clinician.save()
    sign_in(client, people.clinician.email)
    assert client.get("/").status_code == 302


def test_a_service_has_no_password_to_sign_in_with(site, people, client):
    from accounts.services.tokens import create_api_client

    member, _ = create_api_client(site=site, name="PACS", actor=people.admin)
    assert not member.user.has_usable_password()
    assert sign_in(client, member.user.email, "").status_code == 200


def test_nobody_signs_up_by_themselves(db, client):
    answer = client.post(
        reverse("account_signup"), {"email": "x@example.org", "password1": PASSWORD}
    )
    assert "made by an admin" in answer.content.decode()
    assert sign_in(client, "x@example.org").status_code == 200


def test_a_forgotten_password_is_set_anew_by_the_link_in_the_mail(people, client):
    client.post(reverse("account_reset_password"), {"email": people.clinician.email})
    (letter,) = mail.outbox
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]
    page = client.get(link, follow=True)
    new = "quite another phrase"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert sign_in(Client(), people.clinician.email, new).status_code == 302
    again = client.get(link, follow=True).content.decode()
    assert "password1" not in again


def test_the_reset_page_does_not_tell_whether_an_address_exists(people):
    pages = []
    for email in (people.clinician.email, "nobody@example.org"):
        answer = Client().post(reverse("account_reset_password"), {"email": email})
        pages.append((answer.status_code, answer["Location"]))
    assert pages[0] == pages[1]


def test_changing_the_password_needs_the_old_one(people, client):
    client.force_login(people.clinician)
    url, new = reverse("account_change_password"), "quite another phrase"
    wrong = {"oldpassword": "wrong", "password1": new, "password2": new}
    assert client.post(url, wrong).status_code == 200
    client.post(url, {**wrong, "oldpassword": PASSWORD})
    people.clinician.refresh_from_db()
    assert people.clinician.check_password(new)


def test_passwords_are_hashed_with_argon2():
    assert base.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/confirm-email/"])
def test_what_allauth_offers_and_callus_does_not_use_is_not_there(people, client, path):
    client.force_login(people.clinician)
    assert client.get(path).status_code == 404


def test_a_session_lasts_a_shift():
    assert settings.SESSION_COOKIE_AGE == 12 * 3600


def test_the_pages_say_what_to_do(people, client):
    page = sign_in(client, people.clinician.email, "wrong").content.decode()
    assert "Try again, or choose a new password." in page
    page = client.get(reverse("account_reset_password")).content.decode()
    assert "A new password also ends a wait after wrong passwords." in page


def test_asking_for_mails_too_often_is_a_sentence(people, client):
    form = {"email": people.clinician.email}
    answers = [client.post(reverse("account_reset_password"), form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "There were too many requests." in answers[-1].content.decode()
