"""Over REST nobody raises themselves, and a stolen token raises nobody."""

import pytest
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership, SignInTry, User
from accounts.roles import Role
from tests.api.test_people import MINE, NORA, code, membership, send
from triage.api.people import OfManagedSite
from triage.api.urls import urlpatterns

# name of the address, what it is about, body without the password, method: all that gives a right.
GIVING = {
    "api_people": ("", NORA, "post"),
    "api_member_roles": ("clinician2", {"roles": ["reviewer"]}, "put"),
    "api_member_restore": ("clinician2", {}, "post"),
    "api_clients": ("", {"name": "Mine"}, "post"),
    "api_client_tokens": ("service", {}, "post"),
}


@pytest.fixture
def admin(people, signed_in):
    return signed_in(people.admin)


def test_each_request_about_people_gives_a_right_or_takes_one():
    """One that is new fails here until it says which."""
    about_people = {
        pattern.name
        for pattern in urlpatterns
        if pattern.name
        and issubclass(view := pattern.callback.view_class, OfManagedSite)
        and any(hasattr(view, method) for method in ("post", "put", "delete"))
    }
    assert about_people == GIVING.keys() | {"api_member_end", "api_client_token"}


def state():
    """Who may do what: everything that a thief would want to change."""
    members = Membership.objects.order_by("pk").values_list("pk", "roles", "is_active")
    return list(members), AuthToken.objects.count(), User.objects.count()


@pytest.mark.parametrize("who", ["admin", "staff"])
@pytest.mark.parametrize("name", GIVING)
def test_a_token_alone_gives_no_right(site, people, signed_in, name, who):
    about, body, method = GIVING[name]
    thief = signed_in(getattr(people, who))
    Membership.objects.filter(user=people.clinician2).update(is_active=name != "api_member_restore")
    at = [site.slug, *([membership(getattr(people, about)).pk] if about else [])]
    before = state()
    for guess in ({}, {"password": ""}, {"password": None}):
        answer = send(thief, name, at, {**body, **guess}, method)
        assert answer.status_code == 400 and "password" in answer.json()["error"]["fields"]
    tries = SignInTry.objects.count()
    answer = send(thief, name, at, {**body, "password": "a guess"}, method)
    assert (answer.status_code, code(answer)) == (403, "wrong_password")
    assert SignInTry.objects.count() == tries + 1
    assert AuditEntry.objects.filter(verb="person.password_wrong").count() == 1
    assert state() == before
    # The control: the person whose token it is does it.
    assert send(thief, name, at, {**body, **MINE}, method).status_code in (200, 201)
    assert state() != before


def test_the_password_can_not_be_guessed_with_a_token(site, people, admin):
    answers = [
        send(admin, "api_clients", [site.slug], {"name": "Mine", "password": f"guess {number}"})
        for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    right = send(admin, "api_clients", [site.slug], {"name": "Mine", **MINE})
    assert right.status_code == 429


def test_the_password_is_the_callers_own(site, people, admin):
    people.staff.set_password("another phrase")
    people.staff.save()
    answer = send(admin, "api_clients", [site.slug], {"name": "Mine", "password": "another phrase"})
    assert code(answer) == "wrong_password"


def test_nobody_raises_themselves(site, people, admin, signed_in):
    ada = membership(people.admin)
    body = {"roles": ["admin", "reviewer"], **MINE}
    answer = send(admin, "api_member_roles", [site.slug, ada.pk], body, "put")
    assert (answer.status_code, code(answer)) == (400, "own_roles")
    staff = {**NORA, "email": people.staff.email, **MINE}
    answer = send(signed_in(people.staff), "api_people", [site.slug], staff)
    assert (answer.status_code, code(answer)) == (400, "own_roles")
    ada.refresh_from_db()
    assert ada.roles == ["admin"] and not Membership.objects.filter(user=people.staff).exists()


@pytest.mark.parametrize("roles", [["service"], ["admin", "service"], ["king"], [], "admin", None])
def test_a_person_gets_no_role_but_a_person_s(site, people, admin, roles):
    rita = membership(people.reviewer)
    for name, at, body, method in (
        ("api_member_roles", [site.slug, rita.pk], {}, "put"),
        ("api_people", [site.slug], NORA, "post"),
    ):
        answer = send(admin, name, at, {**body, "roles": roles, **MINE}, method)
        assert (answer.status_code, code(answer)) == (400, "invalid")


def test_an_api_client_keeps_its_role(site, people, admin):
    at = [site.slug, membership(people.service).pk]
    answer = send(admin, "api_member_roles", at, {"roles": ["admin"], **MINE}, "put")
    assert (answer.status_code, code(answer)) == (400, "client_keeps_its_role")


def test_a_site_keeps_an_admin(site, people, admin):
    at = [site.slug, membership(people.admin).pk]
    assert code(send(admin, "api_member_end", at, {})) == "last_admin"
    body = {"roles": ["clinician"], **MINE}
    assert code(send(admin, "api_member_roles", at, body, "put")) == "last_admin"


@pytest.mark.parametrize("name", ["api_member_roles", "api_member_end", "api_member_restore"])
def test_nobody_reaches_another_site_by_way_of_their_own(site, people, admin, name):
    theirs = membership(people.stranger)
    body = {} if name == "api_member_end" else MINE
    if name == "api_member_roles":
        body = {**body, "roles": ["clinician"]}
    method = "put" if name == "api_member_roles" else "post"
    assert send(admin, name, [site.slug, theirs.pk], body, method).status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_active and Role.ADMIN in theirs.roles
