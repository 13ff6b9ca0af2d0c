"""The people of a site over REST: the rules are those of the page, and no token raises anybody."""

import pytest
from django.core import mail
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership, SignInTry, User
from accounts.roles import Role
from tests.factories import PASSWORD, make_member
from triage.http.repeats import content_of
from triage.models import IdempotencyKey

NORA = {"name": "Nora New", "email": "nora@example.org", "roles": ["reviewer", "clinician"]}
MINE = {"password": PASSWORD}


def send(client, name, arguments, body, method="post", **headers):
    call = getattr(client, method)
    address = reverse(name, args=arguments)
    return call(address, body, content_type="application/json", headers=headers)


def code(answer):
    return answer.json()["error"]["code"]


def membership(person):
    return Membership.objects.get(user=person)


@pytest.fixture
def admin(people, signed_in):
    return signed_in(people.admin)


def test_the_list_has_everybody_but_programs_page_by_page(site, people, admin, monkeypatch):
    monkeypatch.setattr("triage.api.pagination.MEMBERS", 2)
    Membership.objects.filter(user=people.clinician2).update(is_active=False)
    seen, address = [], reverse("api_people", args=[site.slug])
    while address:
        page = admin.get(address).json()
        assert len(page["results"]) <= 2
        seen += page["results"]
        address = page["next"]
    assert [row["person"]["name"] for row in seen] == [
        *("Clara Clinician", "Carl Clinician", "Rita Reviewer", "Ada Admin")
    ]
    assert [row["is_active"] for row in seen] == [True, False, True, True]
    rita = membership(people.reviewer)
    assert seen[2] == {
        "id": str(rita.pk),
        "person": {"id": str(people.reviewer.pk), "name": "Rita Reviewer"},
        "email": people.reviewer.email,
        "roles": ["reviewer"],
        "is_active": True,
    }


def test_a_person_is_added_and_invited_once(
    site, people, admin, django_capture_on_commit_callbacks
):
    answers = []
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            sent = {**NORA, **MINE}
            answers.append(
                send(admin, "api_people", [site.slug], sent, **{"Idempotency-Key": "once"})
            )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    nora = User.objects.get(email=NORA["email"])
    assert membership(nora).roles == ["clinician", "reviewer"]
    assert [letter.to for letter in mail.outbox] == [[NORA["email"]]]
    assert AuditEntry.objects.get(verb="membership.added").actor == people.admin


def test_nothing_is_kept_of_a_password(site, people, admin):
    """A digest of a body with a password in it is a password that can be guessed at leisure."""
    send(admin, "api_people", [site.slug], {**NORA, **MINE}, **{"Idempotency-Key": "once"})
    assert IdempotencyKey.objects.get().content == content_of(NORA)


def test_a_member_of_two_sites_keeps_their_name_and_gets_no_mail(
    site, people, admin, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sent = {**NORA, "email": people.stranger.email, **MINE}
        answer = send(admin, "api_people", [site.slug], sent)
    assert answer.json()["person"]["name"] == "Stan"
    assert mail.outbox == []


def test_roles_are_changed_and_a_person_is_taken_off_and_brought_back(site, people, admin):
    rita = membership(people.reviewer)
    at = [site.slug, rita.pk]
    body = {"roles": ["clinician"], **MINE}
    changed = send(admin, "api_member_roles", at, body, "put")
    assert (changed.status_code, changed.json()["roles"]) == (200, ["clinician"])
    assert send(admin, "api_member_end", at, {}).json()["is_active"] is False
    assert send(admin, "api_member_restore", at, MINE).json()["is_active"] is True
    verbs = AuditEntry.objects.filter(subject_id=str(rita.pk)).values_list("verb", flat=True)
    assert list(verbs) == [*("membership.roles_changed", "membership.ended", "membership.restored")]


# name of the address, what it is about, body without the password, method: all that gives a right.
GIVING = {
    "api_people": ("", NORA, "post"),
    "api_member_roles": ("clinician2", {"roles": ["reviewer"]}, "put"),
    "api_member_restore": ("clinician2", {}, "post"),
    "api_clients": ("", {"name": "Mine"}, "post"),
    "api_client_tokens": ("service", {}, "post"),
}


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


def test_the_log_is_read_page_by_page(site, people, admin, monkeypatch):
    monkeypatch.setattr("accounts.people_log.PAGE", 2)
    at = [site.slug, membership(people.reviewer).pk]
    send(admin, "api_member_end", at, {})
    send(admin, "api_member_restore", at, MINE)
    send(admin, "api_clients", [site.slug], {"name": "PACS", **MINE})
    first = admin.get(reverse("api_people_changes", args=[site.slug])).json()
    assert [row["act"] for row in first["results"]] == ["client.created", "membership.restored"]
    assert first["results"][1]["member"] == str(at[1])
    assert first["results"][1]["actor"] == {"id": str(people.admin.pk), "name": "Ada Admin"}
    second = admin.get(first["next"]).json()
    assert [row["act"] for row in second["results"]] == ["membership.ended"]
    assert second["next"] is None
    for damaged in ("x", "0", "9" * 19):
        answer = admin.get(reverse("api_people_changes", args=[site.slug]), {"before": damaged})
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["before"])


@pytest.mark.parametrize("more", [0, 5])
@pytest.mark.parametrize(
    ("name", "most"), [("api_people", 4), ("api_clients", 5), ("api_people_changes", 4)]
)
def test_a_list_costs_as_much_with_many(
    site, people, admin, django_assert_max_num_queries, name, most, more
):
    for _ in range(more):
        make_member(site, Role.CLINICIAN)
        program = make_member(site, Role.SERVICE, is_service=True)
        AuthToken.objects.create(program)
        send(admin, "api_clients", [site.slug], {"name": "PACS", **MINE})
    with django_assert_max_num_queries(most):
        admin.get(reverse(name, args=[site.slug]))
