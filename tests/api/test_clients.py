"""API clients and their tokens over REST: a token is shown once, and none makes another."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership, User
from accounts.roles import Role
from accounts.services.sites import save_site
from tests.api.test_people import MINE, code, membership, send
from tests.factories import make_user


def me(token):
    return Client().get("/api/v1/me", headers={"Authorization": f"Token {token}"}).status_code


@pytest.fixture
def admin(people, signed_in):
    return signed_in(people.admin)


def test_a_client_gets_a_token_a_second_one_and_loses_the_first(site, admin):
    answer = send(admin, "api_clients", [site.slug], {"name": "  PACS gateway ", **MINE})
    made = answer.json()
    assert (answer.status_code, made["name"]) == (201, "PACS gateway")
    (first,) = made["tokens"]
    at = [site.slug, made["id"]]
    second = send(admin, "api_client_tokens", at, {"known": first["key"], **MINE}).json()
    assert (me(made["token"]), me(second["token"])) == (200, 200)
    assert made["token"].startswith(first["key"])
    late = send(admin, "api_client_tokens", at, {"known": first["key"], **MINE})
    assert (late.status_code, code(late)) == (409, "tokens_changed")
    gone = [send(admin, "api_client_token", [*at, first["key"]], {}, "delete") for _ in range(2)]
    assert [answer.status_code for answer in gone] == [204, 404]
    assert (me(made["token"]), me(second["token"])) == (401, 200)
    verbs = AuditEntry.objects.filter(subject_id=made["id"]).values_list("verb", flat=True)
    assert list(verbs) == ["client.created", "token.created", "token.revoked"]


def test_a_token_is_shown_once(site, people, admin):
    key = {"Idempotency-Key": "once"}
    answers = [
        send(admin, "api_clients", [site.slug], {"name": "RIS", **MINE}, **key) for _ in range(2)
    ]
    made, again = (answer.json() for answer in answers)
    assert again == {**made, "token": None}
    assert answers[1]["Idempotent-Replayed"] == "true"
    at = [site.slug, made["id"]]
    answers = [
        send(admin, "api_client_tokens", at, MINE, **{"Idempotency-Key": "more"}).json()
        for _ in range(2)
    ]
    assert [bool(answer["token"]) for answer in answers] == [True, False]
    listed = admin.get(reverse("api_clients", args=[site.slug])).content.decode()
    assert made["token"] not in listed and made["tokens"][0]["key"] in listed
    user = Membership.objects.get(pk=made["id"]).user
    assert AuthToken.objects.filter(user=user).count() == 2


def test_the_list_has_programs_alone_with_their_tokens_oldest_first(site, people, admin):
    for _ in range(3):
        AuthToken.objects.create(people.service)
    (row,) = admin.get(reverse("api_clients", args=[site.slug])).json()["results"]
    assert (row["name"], row["is_active"]) == ("PACS gateway", True)
    stored = AuthToken.objects.filter(user=people.service).order_by("created")
    assert [token["key"] for token in row["tokens"]] == [token.token_key for token in stored]


def test_tokens_stand_in_one_order_everywhere(site, people, admin):
    """Also of two that were made in one moment: the last one is the newest, by which ``known`` goes."""
    for _ in range(6):
        AuthToken.objects.create(people.service)
    AuthToken.objects.update(created=now())
    at = [site.slug, membership(people.service).pk]
    theirs = AuthToken.objects.filter(user=people.service)
    in_order = list(theirs.order_by("digest").values_list("token_key", flat=True))
    (row,) = admin.get(reverse("api_clients", args=[site.slug])).json()["results"]
    assert [token["key"] for token in row["tokens"]] == in_order
    browser = Client()
    browser.force_login(people.admin)
    page = browser.get(reverse("people", args=[site.slug])).context["clients"]
    assert [token.token_key for token in page[0][1]] == in_order
    known = in_order[-1]
    made = send(admin, "api_client_tokens", at, {"known": known, **MINE})
    assert made.status_code == 201
    assert [token["key"] for token in made.json()["tokens"]][:6] == in_order


def test_nobody_makes_or_revokes_a_person_s_token(site, people, admin):
    instance, token = AuthToken.objects.create(people.reviewer)
    at = [site.slug, membership(people.reviewer).pk]
    assert code(send(admin, "api_client_tokens", at, MINE)) == "not_a_client"
    gone = send(admin, "api_client_token", [*at, instance.token_key], {}, "delete")
    assert (gone.status_code, code(gone)) == (404, "token_gone")
    assert me(token) == 200


def test_a_client_of_another_site_is_not_there(site, other_site, people, admin):
    stranger = program_of(other_site)
    instance, token = AuthToken.objects.create(stranger.user)
    at = [site.slug, stranger.pk]
    assert send(admin, "api_client_tokens", at, MINE).status_code == 404
    gone = send(admin, "api_client_token", [*at, instance.token_key], {}, "delete")
    assert gone.status_code == 404 and me(token) == 200


def program_of(site):
    """A program of ``site``."""
    program = make_user(name="Theirs", is_service=True)
    return Membership.objects.create(user=program, site=site, roles=[Role.SERVICE])


def test_staff_that_is_no_superuser_makes_no_token(site, people, signed_in):
    """Being staff opens no case, and a client's token does."""
    clerk = signed_in(make_user(is_staff=True))
    for name, at, body in (
        ("api_clients", [site.slug], {"name": "Mine"}),
        ("api_client_tokens", [site.slug, membership(people.service).pk], {}),
    ):
        answer = send(clerk, name, at, {**body, **MINE})
        assert (answer.status_code, code(answer)) == (403, "not_own_admin")
    assert User.objects.filter(is_service=True).count() == 1


def test_a_token_that_was_made_here_makes_and_changes_nothing(site, people, admin, signed_in):
    """It reads and sends cases: neither people nor tokens exist for it, its own neither."""
    made = send(admin, "api_clients", [site.slug], {"name": "RIS", **MINE}).json()
    program = Client(headers={"Authorization": f"Token {made['token']}"})
    at = [site.slug, made["id"]]
    key = made["tokens"][0]["key"]
    tries = [
        send(program, "api_clients", [site.slug], {"name": "Mine", **MINE}),
        send(program, "api_client_tokens", at, MINE),
        send(program, "api_client_token", [*at, key], {}, "delete"),
        send(program, "api_member_roles", at, {"roles": ["admin"], **MINE}, "put"),
        program.get(reverse("api_people", args=[site.slug])),
        program.get(reverse("api_clients", args=[site.slug])),
    ]
    assert [answer.status_code for answer in tries] == [404] * 6
    assert me(made["token"]) == 200


def test_a_client_that_was_taken_off_has_no_token_and_gets_none(site, admin):
    made = send(admin, "api_clients", [site.slug], {"name": "RIS", **MINE}).json()
    at = [site.slug, made["id"]]
    assert send(admin, "api_member_end", at, {}).status_code == 200
    assert me(made["token"]) == 401
    assert code(send(admin, "api_client_tokens", at, MINE)) == "not_a_client"


@pytest.mark.parametrize("name", ["", " ", "x" * 121, None])
def test_a_client_has_a_name(site, admin, name):
    answer = send(admin, "api_clients", [site.slug], {"name": name, **MINE})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["name"])


def test_a_site_that_was_off_comes_back_without_its_clients_tokens(site, people, signed_in):
    """Staff may switch it on, and may make no token."""
    _instance, token = AuthToken.objects.create(people.service)
    _theirs, own = AuthToken.objects.create(people.admin)
    for active in (False, True):
        site.is_active = active
        save_site(site=site, actor=people.staff)
    assert (me(token), me(own)) == (401, 200)
    (entry,) = AuditEntry.objects.filter(verb="token.all_revoked")
    assert (entry.subject_id, entry.detail["before"]) == (
        str(membership(people.service).pk),
        {"tokens": 1},
    )


def test_a_client_s_other_site_that_is_off_is_no_hindrance(site, other_site, people, admin):
    """An earlier version could give a client two sites."""
    at = [site.slug, membership(people.service).pk]
    Membership.objects.create(user=people.service, site=other_site, roles=[Role.SERVICE])
    assert code(send(admin, "api_client_tokens", at, MINE)) == "not_site_admin"
    other_site.is_active = False
    other_site.save()
    assert send(admin, "api_client_tokens", at, MINE).status_code == 201
