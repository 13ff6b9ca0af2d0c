"""Signing in by token or session, and how often one may try."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import AuditEntry
from accounts.roles import Role
from tests.factories import PASSWORD, make_membership, make_user


def sign_in(email, password=PASSWORD, **extra):
    body = {"email": email, "password": password}
    return Client().post(reverse("api_login"), body, content_type="application/json", **extra)


def with_token(token):
    return Client(headers={"Authorization": f"Token {token}"})


def test_a_token_is_given_used_and_ended(people):
    other = sign_in(people.reviewer.email).json()["token"]
    answer = sign_in(people.reviewer.email.upper())
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expiry"}
    token = answer.json()["token"]
    assert not AuthToken.objects.filter(digest=token).exists()  # only its hash is kept
    client = with_token(token)
    assert client.get(reverse("api_me")).json()["email"] == people.reviewer.email
    assert client.generic("POST", reverse("api_logout")).status_code == 204
    assert client.get(reverse("api_me")).status_code == 401
    assert with_token(other).get(reverse("api_me")).status_code == 200
    verbs = AuditEntry.objects.filter(actor=people.reviewer).values_list("verb", flat=True)
    assert list(verbs) == ["person.signed_in", "person.signed_in", "person.signed_out"]


def test_me_names_every_site_and_role(site, other_site, people, signed_in):
    make_membership(people.reviewer, other_site, Role.CLINICIAN, Role.ADMIN)
    ended = people.clinician.memberships.get()
    ended.is_active = False
    ended.save()
    body = signed_in(people.reviewer).get(reverse("api_me")).json()
    assert body["memberships"] == [
        {
            "site": {"id": str(site.pk), "slug": "north", "name": "North Clinic"},
            "roles": ["reviewer"],
        },
        {
            "site": {"id": str(other_site.pk), "slug": "south", "name": "South Clinic"},
            "roles": ["clinician", "admin"],
        },
    ]
    assert signed_in(people.clinician).get(reverse("api_me")).json()["memberships"] == []


def test_wrong_unknown_and_inactive_get_the_same_answer(people):
    inactive = make_user(is_active=False)
    answers = [
        sign_in(people.reviewer.email, "wrong"),
        sign_in("nobody@example.org"),
        sign_in(inactive.email),
        sign_in(people.service.email, ""),
    ]
    bodies = []
    for answer in answers[:3]:
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Token"
        bodies.append({**answer.json()["error"], "request_id": ""})
    assert bodies[0] == bodies[1] == bodies[2]
    assert answers[3].status_code == 400
    assert not AuthToken.objects.exists()


def test_ten_wrong_tries_a_minute_from_one_address(people):
    for number in range(10):
        assert sign_in(f"person{number}@example.net").status_code == 401
    answer = sign_in(people.reviewer.email, headers={"X-Forwarded-For": "192.0.2.77"})
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "throttled"
    assert "You can try again in" in answer.json()["error"]["message"]
    assert 0 < int(answer["Retry-After"]) <= 60
    assert sign_in(people.reviewer.email, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_ten_wrong_tries_for_one_person_from_anywhere_make_the_next_one_wait(people):
    email = people.reviewer.email
    for number in range(10):
        assert sign_in(email, "wrong", REMOTE_ADDR=f"192.0.2.{number}").status_code == 401
    for spelt in (email, email.upper(), f" {email} "):
        assert sign_in(spelt, REMOTE_ADDR="198.51.100.1").status_code == 429
    assert sign_in(people.clinician.email, REMOTE_ADDR="198.51.100.2").status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", "a b", "ÿþ", "x" * 5000])
def test_a_token_that_is_none_is_401(people, signed_in, token):
    signed_in(people.reviewer)
    answer = Client(headers={"Authorization": f"Token {token}"}).get(reverse("api_me"))
    assert answer.status_code == 401


def test_an_expired_token_and_one_of_somebody_who_left_are_401(people, signed_in):
    client = signed_in(people.reviewer)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("api_me")).status_code == 401
    client = signed_in(people.clinician)
    people.clinician.is_active = False
    people.clinician.save()
    assert client.get(reverse("api_me")).status_code == 401


def test_signing_in_removes_the_expired_tokens_of_this_person(people, signed_in):
    signed_in(people.reviewer)
    signed_in(people.clinician)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    signed_in(people.reviewer)
    assert sign_in(people.reviewer.email).status_code == 200
    assert AuthToken.objects.filter(user=people.reviewer).count() == 2
    assert AuthToken.objects.filter(user=people.clinician).count() == 1


def test_a_session_may_read_and_needs_its_csrf_token_to_write(people, case):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.reviewer)
    claim = reverse("api_case_claim", args=[case.pk])
    assert client.get(reverse("api_me")).status_code == 200
    answer = client.post(claim)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "permission_denied"
    client.cookies["csrftoken"] = token = "a" * 32
    assert client.generic("POST", claim, headers={"X-CSRFToken": token}).status_code == 200


def test_signing_out_needs_a_token(people):
    client = Client()
    client.force_login(people.reviewer)
    assert client.post(reverse("api_logout")).status_code == 401
