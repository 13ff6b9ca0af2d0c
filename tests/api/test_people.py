"""The people of a site over REST: the rules are those of the page, and no token raises anybody."""

import pytest
from django.core import mail
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership, User
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
    monkeypatch.setattr("triage.api.people.MEMBERS", 2)
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


def test_a_client_is_shown_as_the_document_says(site, people, admin):
    """Its address is made up: nobody signs in with it, and no mail reaches it."""
    at = [site.slug, membership(people.service).pk]
    schema = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
    fields = schema["Member"]["properties"]
    for name, body in (("api_member_end", {}), ("api_member_restore", MINE)):
        shown = send(admin, name, at, body).json()
        assert (shown["roles"], shown["email"]) == (["service"], None)
        assert set(shown["roles"]) <= set(words_of(schema, fields["roles"]))
    assert fields["email"]["nullable"]


def words_of(schemas, field):
    inner = field["items"]
    return inner.get("enum") or schemas[inner["$ref"].rpartition("/")[2]]["enum"]


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
