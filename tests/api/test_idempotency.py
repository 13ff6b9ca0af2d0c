"""The same request twice makes one thing, on every POST of the API and on the page that sends cases."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from tests.api.conftest import png
from tests.api.test_who_may import MINE, NORA, address
from tests.factories import make_case, make_reading, make_release, picture_bytes
from triage.api.urls import urlpatterns
from triage.idempotency import RETENTION, prune_keys
from triage.models import (
    CallBack,
    CallBackAttempt,
    Case,
    IdempotencyKey,
    Image,
    InterimOpinion,
    Macro,
    Reading,
    Review,
    SavedView,
    Skip,
)
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"

IDLE = "held by another, who left it"
# name of the address → who sends, the state of the case, what is sent, the model that counts.
ONCE = {
    "api_cases": ("clinician", CaseState.PREDICTED, "case", Case),
    "api_case_withdraw": ("clinician", CaseState.PREDICTED, {"reason": "Wrong"}, Case),
    "api_case_dismissal": ("clinician", CaseState.REFUSED, {}, Case),
    "api_case_retry": ("reviewer", CaseState.FAILED, {}, Case),
    "api_case_claim": ("reviewer", CaseState.PREDICTED, {}, Reading),
    "api_case_take_over": ("reviewer", IDLE, {"reason": "Gone"}, Reading),
    "api_case_end_claim": ("reviewer", IDLE, {"reason": "Gone"}, Case),
    "api_case_skip": ("reviewer", CaseState.PREDICTED, {"reason": "Hard"}, Skip),
    "api_next": ("reviewer", CaseState.PREDICTED, {}, Reading),
    "api_case_reviews": ("reviewer", CaseState.PREDICTED, {"opinion": "no_fracture"}, Review),
    "api_review_corrections": (
        *("reviewer", CaseState.PREDICTED, {"opinion": "not_assessable"}, Review),
    ),
    "api_case_first_reading": ("reviewer", CaseState.RECEIVED, {"fracture": "none"}, Review),
    "api_case_interim_opinions": (
        *("clinician", CaseState.PREDICTED),
        *({"interim_fracture": "none", "treated_as": "soft_tissue"}, InterimOpinion),
    ),
    "api_macros": (
        *("reviewer", CaseState.PREDICTED, {"shortcut": "/nf", "text": "No fracture."}, Macro),
    ),
    "api_views": ("reviewer", CaseState.PREDICTED, {"name": "Late", "params": "late=1"}, SavedView),
}
OF_NO_CASE = ("api_cases", "api_next", "api_macros", "api_views")
# What follows from a signed opinion: ``test_what_follows_from_a_signature_takes_a_key`` below. None: tested
# in tests/api/test_critical_results.py and test_points.py.
FOLLOWING = {
    "api_call_back_attempts": ({"outcome": "not_reached"}, CallBackAttempt),
    "api_call_back_closing": ({"outcome": "informed"}, CallBack),
    "api_critical_acknowledgement": None,
    "api_points_back": None,
}
# What changes the people of a site: ``test_what_changes_people_takes_a_key`` below.
OF_PEOPLE = {
    "api_people": {**NORA, **MINE},
    "api_member_end": {},
    "api_member_restore": MINE,
    "api_clients": {"name": "RIS", **MINE},
    "api_client_tokens": MINE,
}
WITH_A_KEY = ONCE.keys() | FOLLOWING.keys() | OF_PEOPLE.keys()
# name of the address → why it takes no key.
HARMLESS = {
    "api_login": "a token is shown once and kept as a hash, so it can't be shown again; it ends by itself",
    "api_logout": "it ends the token that it is made with, so nobody can repeat it",
    "api_case_renew": "it extends a claim that the caller holds",
    "api_find": "it only reads",
    "api_waits_preview": "it only reads",
    "api_sent_seen": "it takes named answers off the caller's own list; the second time none is left to take",
}


def fields(**more):
    return {"site": "north", "body_part": "WRIST", "images": [png()], **more}


def post(client, path, body, key=KEY):
    headers = {"Idempotency-Key": key} if key is not None else {}
    if "images" in body:
        return client.post(path, body, headers=headers)
    return client.post(path, body, content_type="application/json", headers=headers)


@pytest.fixture
def sender(people, signed_in):
    return signed_in(people.clinician)


def send(client, key=None, **more):
    return post(client, reverse("api_cases"), fields(**more), key)


def code(answer):
    return answer.json()["error"]["code"]


def test_every_post_either_takes_a_key_or_says_why_not():
    posts = {
        pattern.name
        for pattern in urlpatterns
        if pattern.name and hasattr(pattern.callback.view_class, "post")
    }
    assert posts == WITH_A_KEY | HARMLESS.keys()
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    take = {
        path
        for path, operations in paths.items()
        for parameter in operations.get("post", {}).get("parameters", [])
        if parameter["name"] == "Idempotency-Key" and parameter["in"] == "header"
    }
    documented = {
        pattern.name
        for pattern in urlpatterns
        if "/api/v1/" + re.sub(r"<[a-z]+:([a-z_]+)>", r"{\1}", str(pattern.pattern)) in take
    }
    assert documented == WITH_A_KEY


@pytest.mark.parametrize("name", ONCE)
def test_the_same_request_again_makes_nothing(site, people, signed_in, name):
    who, state, body, model = ONCE[name]
    make_release()
    case = make_case(
        *(site, people.clinician, CaseState.PREDICTED if state == IDLE else state),
        is_blind=name == "api_case_first_reading",
    )
    if state == IDLE:
        make_reading(case, people.clinician2, seconds=300)
        people.reviewer.memberships.update(roles=["admin", "reviewer"])
    client = signed_in(getattr(people, who))
    where = reverse("api_case_reviews", args=[case.pk])
    if name == "api_review_corrections":
        first = post(client, where, {"opinion": "no_fracture"}, key=None)
        where = reverse(name, args=[first.json()["id"]])
    elif name != "api_case_reviews":
        where = reverse(name, args=[] if name in OF_NO_CASE else [case.pk])
    answers = []
    for _ in range(2):
        sent = fields() if body == "case" else body
        answers.append(post(client, where, sent))
    first, second = answers
    assert first.status_code == second.status_code in (200, 201), second.content
    assert "Idempotent-Replayed" not in first.headers
    assert second["Idempotent-Replayed"] == "true"
    assert IdempotencyKey.objects.count() == 1
    made = IdempotencyKey.objects.get().made_id
    assert model.objects.filter(pk=made).exists()
    expected = {"api_cases": 2, "api_review_corrections": 2, "api_case_take_over": 2}.get(name, 1)
    assert model.objects.count() == expected
    if "already_sent" in first.json():
        assert first.json() | {"already_sent": True} == second.json()
    else:
        assert first.json() == second.json()
    # On another address, or with other fields, the key is refused.
    other = reverse("api_case_claim", args=[make_case(site, people.clinician).pk])
    refused = post(client if who == "reviewer" else signed_in(people.reviewer), other, {})
    assert refused.status_code == (422 if who == "reviewer" else 200)


@pytest.mark.parametrize("name", ["api_call_back_attempts", "api_call_back_closing"])
def test_what_follows_from_a_signature_takes_a_key(site, people, signed_in, name):
    case = make_case(site, people.clinician)
    sender, reader = signed_in(people.clinician), signed_in(people.reviewer)
    interim = {"interim_fracture": "none", "treated_as": "soft_tissue"}
    post(sender, reverse("api_case_interim_opinions", args=[case.pk]), interim, None)
    signed = {"fracture": "certain", "classes": ["spiral"]}
    post(reader, reverse("api_case_reviews", args=[case.pk]), signed, None)
    (row,) = sender.get(reverse("api_call_backs")).json()["results"]
    body, model = FOLLOWING[name]
    if "outcome" in body and model is CallBack:
        body = {**body, "review": row["review"]}
    address = reverse(name, args=[row["id"]])
    first, second = (post(sender, address, body) for _ in range(2))
    assert first.status_code == second.status_code in (200, 201), first.content
    assert second["Idempotent-Replayed"] == "true"
    assert model.objects.count() == 1


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_what_changes_people_takes_a_key(site, people, signed_in, name):
    admin, where = signed_in(people.admin), address(name, SimpleNamespace(site=site))
    if name == "api_member_restore":
        people.clinician2.memberships.update(is_active=False)
    first, second = (post(admin, where, OF_PEOPLE[name]) for _ in range(2))
    assert first.status_code == second.status_code in (200, 201), first.content
    assert second["Idempotent-Replayed"] == "true"
    hidden = {"token": None} if "token" in first.json() else {}
    assert second.json() == {**first.json(), **hidden}
    assert IdempotencyKey.objects.count() == 1
    other = post(admin, where, {**OF_PEOPLE[name], "name": "Other"})
    assert other.status_code == (422 if "name" in OF_PEOPLE[name] else 400)


def test_other_content_under_a_key_is_refused(site, sender):
    assert send(sender, KEY).status_code == 201
    for changed in (
        {"images": [png(seed=1)]},
        {"body_part": "HAND"},
        {"accession_number": "A-1"},
        {"images": [png(), png("two.png", 1)]},
    ):
        answer = send(sender, KEY, **changed)
        assert (answer.status_code, code(answer)) == (422, "idempotency_key_reused")
    assert Case.objects.count() == 1
    renamed = SimpleUploadedFile("renamed.png", picture_bytes(0))
    assert send(sender, KEY, images=[renamed]).json()["already_sent"] is True


def test_the_case_is_answered_as_it_is_now(site, people, sender):
    first = send(sender, KEY).json()
    path = reverse("api_case_withdraw", args=[first["id"]])
    assert post(sender, path, {"reason": "Wrong patient"}, key=None).status_code == 200
    again = send(sender, KEY).json()
    assert (again["id"], again["state"], first["state"]) == (first["id"], "withdrawn", "received")


def test_a_key_belongs_to_its_person(site, people, signed_in):
    ids = {
        send(signed_in(person), KEY).json()["id"] for person in (people.clinician, people.service)
    }
    assert len(ids) == 2


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "a\tb", "schlüssel", "\x7f"])
def test_what_is_no_key_is_refused(site, sender, key):
    answer = send(sender, key)
    assert (answer.status_code, code(answer)) == (400, "idempotency_key_invalid")
    assert not Case.objects.exists()


def test_a_key_may_be_quoted_and_long(site, sender):
    first = send(sender, "x" * 255).json()
    assert send(sender, f'"{"x" * 255}"').json()["id"] == first["id"]


def test_a_refused_request_leaves_its_key_free(site, sender):
    assert send(sender, KEY, body_part="TAIL").status_code == 400
    assert send(sender, KEY).status_code == 201


def test_a_refused_case_keeps_its_key(site, sender):
    """It is a case, which may be refused after its answer: the same request gets the same reasons."""
    answers = [send(sender, KEY, images=[SimpleUploadedFile("a.png", b"none")]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json()["error"]["files"] == answers[1].json()["error"]["files"]
    assert Case.objects.get().state == CaseState.REFUSED
    other = send(sender, KEY)
    assert (other.status_code, code(other)) == (422, "idempotency_key_reused")


def test_the_files_of_a_repeated_request_are_not_kept(site, sender, storage):
    for _ in range(3):
        send(sender, KEY)
    assert len(list(storage.rglob("original"))) == Image.objects.count() == 1


def test_without_a_key_the_same_within_a_minute_is_the_same_case(site, sender):
    first, again = send(sender).json(), send(sender)
    assert (again.json()["id"], again.json()["already_sent"]) == (first["id"], True)
    assert again["Idempotent-Replayed"] == "true"
    assert first["already_sent"] is False
    other = send(sender, clinical_question="Scaphoid?").json()
    assert other["id"] != first["id"]
    assert other["duplicates"][0]["earlier_case"] == first["id"]
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    later = send(sender).json()
    assert (later["already_sent"], Case.objects.count()) == (False, 3)
    assert later["duplicates"][0]["earlier_case"] == first["id"]


def form(client, *files, key="", **more):
    fields = {"site": "north", "body_part": "WRIST", "idempotency_key": key, **more}
    return client.post(reverse("upload"), {**fields, "images": list(files)})


@pytest.mark.parametrize("key", ["", KEY, "x" * 255])
def test_the_page_s_form_sent_twice_makes_its_cases_once(site, people, client, key):
    client.force_login(people.clinician)
    for _ in range(2):
        answer = form(client, png(), png("second.png", 1), key=key)
        assert answer.status_code == 200
        assert Case.objects.count() == 2
        for case in Case.objects.all():
            assert reverse("case", args=[case.pk]) in answer.content.decode()
    assert form(client, png("third.png", 2), key=key).status_code == (400 if key else 200)


def test_each_form_has_a_key_of_its_own(site, people, client):
    client.force_login(people.clinician)
    pages = {client.get(reverse("upload")).context["idempotency_key"] for _ in range(2)}
    assert len(pages) == 2
    assert str(pages.pop())


def test_old_keys_are_forgotten(site, people, sender):
    send(sender, KEY)
    send(sender, "young")
    old = IdempotencyKey.objects.filter(key=KEY)
    old.update(created_at=timezone.now() - RETENTION - timedelta(minutes=1))
    assert prune_keys() == 1
    assert IdempotencyKey.objects.get().key == "young"


def test_a_claim_that_ended_since_is_said(site, people, signed_in, case):
    reader = signed_in(people.reviewer)
    path = reverse("api_case_claim", args=[case.pk])
    assert post(reader, path, {}).status_code == 200
    assert reader.delete(path).status_code == 204
    answer = post(reader, path, {})
    assert (answer.status_code, code(answer)) == (409, "claim_lapsed")
    assert not Reading.objects.going_on().exists()
