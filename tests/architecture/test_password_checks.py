"""Every address of the site is tried with wrong and with right passwords: one guarded function checks them.

Nothing is listed here but what an address may do. An address that is added, ours or a library's, is tried
by itself.
"""

import re
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.signals import user_logged_in
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from drf_spectacular.generators import SchemaGenerator
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership, SignInTry, User
from accounts.roles import Role
from tests.factories import PASSWORD, make_user

SAMPLES = {"uuid": "01890000-0000-7000-8000-000000000000", "slug": "north", "int": "1"}
IN_AN_ADDRESS = {"slug": SAMPLES["slug"], "token_key": SAMPLES["slug"]}
# What a regular expression's address looks like; one without a row fails.
WRITTEN_OUT = {
    r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/abc-key/",
    r"^(?P<app_label>accounts|knox|triage)/$": "accounts/",
    r"(?P<url>.*)$": "nothing",
    r"^": "nothing",
}
NEW = "quite another phrase"
WRONG = "no such password at all"

SIGNS_IN = {"/accounts/login/", "/api/v1/auth/login", "/api/v1/auth/login/"}
CHECKS_OF_THE_SIGNED_IN = {"/accounts/reauthenticate/", "/accounts/password/change/"}
OF_NORTH = "/api/v1/sites/north"
CHECKS_OF_WHO_MANAGES_PEOPLE = {
    f"{OF_NORTH}/people",
    f"{OF_NORTH}/people/{SAMPLES['uuid']}/roles",
    f"{OF_NORTH}/people/{SAMPLES['uuid']}/restore",
    f"{OF_NORTH}/clients",
    f"{OF_NORTH}/clients/{SAMPLES['uuid']}/tokens",
}
SETS = {"/accounts/password/change/"}


def addresses(patterns: list, prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        piece = str(pattern.pattern)
        if isinstance(pattern.pattern, RegexPattern):
            label = re.sub(
                r"\(\?P<app_label>[^)]*\)", r"(?P<app_label>accounts|knox|triage)", piece
            )
            piece = WRITTEN_OUT[label]
        piece = re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES.get(found[1], "x"), piece)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + piece)
        else:
            assert isinstance(pattern, URLPattern)
            yield prefix + piece


ADDRESSES = sorted(set(addresses(get_resolver().url_patterns)))


def documented() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Address, method and a whole body of each request that the API's document gives a password."""
    schema = SchemaGenerator().get_schema(public=True)
    for path, methods in schema["paths"].items():
        url = re.sub(r"{(\w+)}", lambda found: IN_AN_ADDRESS.get(found[1], SAMPLES["uuid"]), path)
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content:
                name = content["schema"]["$ref"].rpartition("/")[2]
                fields = schema["components"]["schemas"][name]["properties"]
                if any("password" in field for field in fields):
                    given = {field: about.get("example") for field, about in fields.items()}
                    yield url, method, given


DOCUMENTED = list(documented())


def body(person: User, old: str) -> dict[str, str]:
    """Every name that a form of a password uses anywhere."""
    names = dict.fromkeys(("login", "email", "username"), person.email)
    names |= dict.fromkeys(("password", "oldpassword", "old_password", "current_password"), old)
    new = ("password1", "password2", "new_password", "new_password1", "new_password2")
    return names | dict.fromkeys(new, NEW)


def try_everything(url: str, person: User, old: str, *, signed_in: bool) -> None:
    """A form, JSON, what the API's document asks for and HTTP Basic, as anonymous or as ``person``."""
    form = body(person, old)
    for how in ("form", "json"):
        client = Client()
        if signed_in:
            client.force_login(User.objects.get(pk=person.pk))
        if how == "form":
            client.post(url, form)
        else:
            fields = {"email": person.email, "password": old} if "api" in url else form
            client.post(url, fields, content_type="application/json")
    for _url, method, given in (request for request in DOCUMENTED if request[0] == url):
        client = Client()
        if signed_in:
            client.force_login(User.objects.get(pk=person.pk))
        given = {name: old if "password" in name else value for name, value in given.items()}
        given |= {"email": person.email} if "email" in given else {}
        getattr(client, method)(url, given, content_type="application/json")
    if not signed_in:
        Client().get(url, headers={"Authorization": f"Basic {person.email}:{old}"})


@pytest.fixture
def checks(monkeypatch) -> list[bool]:
    """Of each password that was checked: whether it was behind the throttle."""
    seen: list[bool] = []
    verify = MD5PasswordHasher.verify

    def watched(self, password: str, encoded: str) -> bool:
        frames = traceback.extract_stack()
        seen.append(any(frame.filename.endswith("accounts/services/tries.py") for frame in frames))
        return verify(self, password, encoded)

    monkeypatch.setattr(MD5PasswordHasher, "verify", watched)
    return seen


@pytest.fixture
def somebody(site) -> None:
    """Whom an address of people is about."""
    roles = [Role.CLINICIAN]
    Membership.objects.create(pk=SAMPLES["uuid"], user=make_user(), site=site, roles=roles)


def test_the_document_was_read():
    asked = {url for url, _method, _body in DOCUMENTED}
    assert asked == CHECKS_OF_WHO_MANAGES_PEOPLE | {"/api/v1/auth/login"}
    assert asked <= set(ADDRESSES)


def test_the_resolver_was_walked():
    assert len(ADDRESSES) > 80
    assert SIGNS_IN | SETS | CHECKS_OF_THE_SIGNED_IN | {"/admin/login/"} <= set(ADDRESSES)


def test_there_is_one_backend_and_it_is_guarded():
    assert settings.AUTHENTICATION_BACKENDS == ["accounts.backends.GuardedBackend"]


@pytest.mark.parametrize("who", ["anonymous", "staff", "clinician", "admin"])
def test_every_wrong_password_is_counted_and_recorded(people, somebody, storage, checks, who):
    person = people.staff if who == "anonymous" else getattr(people, who)
    before, urls = person.password, set()
    for url in ADDRESSES:
        SignInTry.objects.all().delete()
        checks.clear()
        recorded = AuditEntry.objects.filter(verb="person.password_wrong").count()
        try_everything(url, person, WRONG, signed_in=who != "anonymous")
        wrong = AuditEntry.objects.filter(verb="person.password_wrong").count() - recorded
        assert all(checks), f"{url} checks a password behind nobody's back"
        assert len(checks) == SignInTry.objects.count() == wrong, url
        if checks:
            urls.add(url)
    # Who is signed in is sent on by the sign-in page.
    inside = CHECKS_OF_THE_SIGNED_IN | SIGNS_IN - {"/accounts/login/"}
    if who in ("staff", "admin"):
        inside |= CHECKS_OF_WHO_MANAGES_PEOPLE
    assert urls == (SIGNS_IN if who == "anonymous" else inside)
    person.refresh_from_db()
    assert person.password == before


def test_every_sign_in_is_recorded(people, somebody, storage):
    """A session or a token, by the right password."""
    person, urls = people.staff, set()
    began: list[User] = []

    def note(user: User, **_) -> None:
        began.append(user)

    user_logged_in.connect(note)
    try:
        for url in ADDRESSES:
            began.clear()
            tokens, rows = AuthToken.objects.count(), AuditEntry.objects.count()
            try_everything(url, person, PASSWORD, signed_in=False)
            got_in = len(began) + AuthToken.objects.count() - tokens
            signed = AuditEntry.objects.filter(verb="person.signed_in").count()
            if got_in:
                urls.add(url)
                assert AuditEntry.objects.count() >= rows + got_in, url
                assert signed, url
    finally:
        user_logged_in.disconnect(note)
    assert urls == SIGNS_IN


@pytest.mark.parametrize("who", ["staff", "clinician"])
def test_a_password_is_set_at_one_address_and_ends_the_tokens(people, storage, who):
    person, urls = getattr(people, who), set()
    before = person.password
    for url in ADDRESSES:
        AuthToken.objects.create(person)
        form = body(person, PASSWORD)
        client = Client()
        client.force_login(User.objects.get(pk=person.pk))
        client.post(url, form)
        person.refresh_from_db()
        if person.password != before:
            urls.add(url)
            assert not AuthToken.objects.filter(user=person).exists(), url
            changed = AuditEntry.objects.filter(verb="person.password_changed", actor=person)
            assert changed.count() == 1, url
            User.objects.filter(pk=person.pk).update(password=before)
    assert urls == SETS
