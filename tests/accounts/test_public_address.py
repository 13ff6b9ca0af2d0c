"""Absolute addresses come from PUBLIC_URL, whatever Host a request names."""

import re

import pytest
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.requests import client_address, client_network
from tests.architecture.test_floors import REPOSITORY
from tests.factories import PASSWORD

ELSEWHERE = {"Host": "127.0.0.1:9999"}


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_URL = "https://callus.example.org"


def ask_for_a_reset(email, **headers):
    return Client().post(reverse("account_reset_password"), {"email": email}, headers=headers)


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_no_mail_names_the_host_of_a_request(people, who):
    ask_for_a_reset(people.reviewer.email if who == "owner" else "x@example.net", **ELSEWHERE)
    (letter,) = mail.outbox
    text = letter.subject + letter.body
    assert "9999" not in text
    assert "127.0.0.1" not in text
    assert "callus.example.org" in text
    assert ("https://callus.example.org/accounts/password/reset/key/" in text) == (who == "owner")


def test_an_invitation_leads_to_the_public_address(
    site, people, django_capture_on_commit_callbacks
):
    client = Client(headers=ELSEWHERE)
    client.force_login(people.admin)
    form = {"name": "Nora New", "email": "nora@example.org", "roles": ["clinician"]}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("people_add", args=[site.slug]), form)
    links = re.findall(r"https?://\S+", mail.outbox[0].body)
    assert [link.startswith("https://callus.example.org/accounts/") for link in links] == [True]


@pytest.mark.parametrize(
    "after", ["http://127.0.0.1:9999/", "//127.0.0.1:9999/", "https://localhost/", "javascript:x"]
)
def test_signing_in_goes_on_within_the_site(people, after):
    form = {"login": people.reviewer.email, "password": PASSWORD, "next": after}
    answer = Client(headers=ELSEWHERE).post(reverse("account_login"), form)
    assert answer["Location"] == "/"


def test_the_apis_next_page_is_at_the_public_address(people, storage, site, monkeypatch):
    from tests.factories import make_case
    from triage.api import pagination

    monkeypatch.setattr(pagination, "SIZE", 1)
    for _ in range(2):
        make_case(site, people.clinician)
    client = Client(headers=ELSEWHERE)
    client.force_login(people.reviewer)
    body = client.get(reverse("api_cases")).json()
    assert body["next"].startswith("https://callus.example.org/api/v1/cases?")


def test_a_host_that_is_not_ours_is_refused(db):
    assert Client(headers={"Host": "evil.example.org"}).get("/accounts/login/").status_code == 400


def test_our_code_builds_nothing_from_the_host_header():
    """One place makes absolute addresses: accounts/public.py. The adapter undoes what allauth made."""
    word = re.compile(r"build_absolute_uri|get_host\(|HTTP_HOST|get_current_site|SERVER_NAME")
    found = {
        str(path.relative_to(REPOSITORY))
        for package in ("accounts", "triage", "config", "templates")
        for path in (REPOSITORY / package).rglob("*")
        if path.suffix in (".py", ".html", ".txt") and word.search(path.read_text())
    }
    assert found == {"accounts/adapter.py"}


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "address", "network"),
    [
        (0, "192.0.2.1", "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "198.51.100.1, 203.0.113.9", "198.51.100.1", "198.51.100.1"),
        (3, "10.0.0.1", "198.51.100.1, 203.0.113.9", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "203.0.113.9:4711", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "[2001:db8::1:2]:4711", "2001:db8::1:2", "2001:db8::/64"),
        (1, "10.0.0.1", "[2001:db8::1:2]", "2001:db8::1:2", "2001:db8::/64"),
        (1, "10.0.0.1", "unknown", None, ""),
        (0, "fe80::1%eth0", "", "fe80::1", "fe80::/64"),
        (1, "10.0.0.1", "", "10.0.0.1", "10.0.0.1"),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1", "192.0.2.1"),
        (0, "2001:db8::1:2", "", "2001:db8::1:2", "2001:db8::/64"),
        (0, "", "", None, ""),
    ],
)
def test_where_a_request_comes_from(settings, proxies, remote, forwarded, address, network):
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": forwarded})
    found = client_address(request)
    assert (str(found) if found else None, client_network(request)) == (address, network)


def test_the_trail_takes_the_address_of_a_neighbour_on_the_link(people):
    """A link-local address comes with its zone, which PostgreSQL's inet refuses."""
    client = Client(REMOTE_ADDR="fe80::1%eth0")
    form = {"login": people.reviewer.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), form).status_code == 302
    assert AuditEntry.objects.get(verb="person.signed_in").address == "fe80::1"
