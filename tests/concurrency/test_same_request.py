"""Two of the same request at one moment, and one that was sent again after a crash, make one thing."""

import threading

import pytest
from django.test import Client
from knox.models import AuthToken

from accounts.refusals import Conflict, Unprocessable
from tests.api.test_idempotency import KEY, code, send
from tests.concurrency.test_two_at_once import at_once
from tests.factories import make_people, make_release, make_site
from triage.idempotency import SentRequest, once
from triage.models import Case, IdempotencyKey

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def clinic(committed_db):
    site = make_site("North", "north")
    people = make_people(site, make_site("South", "south"))
    make_release()
    return people


def token_of(person):
    return AuthToken.objects.create(person)[1]


def sending(token, key):
    def act():
        client = Client(headers={"Authorization": f"Token {token}"})
        return send(client, key)

    return act


@pytest.mark.parametrize("key", [None, KEY], ids=["without a key", "with a key"])
def test_two_at_the_same_moment_make_one_case(clinic, key):
    act = sending(token_of(clinic.clinician), key)
    answers = at_once(act, act, act)
    assert Case.objects.count() == 1
    statuses = sorted(answer.status_code for answer in answers)
    if key is None:
        assert set(statuses) <= {201, 202}  # two threads wait for what comes of it, not three
        assert {answer.json()["id"] for answer in answers} == {str(Case.objects.get().pk)}
    else:
        assert statuses[0] == 201
        assert set(statuses) <= {201, 409}
        refused = [answer for answer in answers if answer.status_code == 409]
        assert {code(answer) for answer in refused} <= {"idempotency_key_in_use"}


def sent_by(user, key=KEY, content="a" * 64):
    return SentRequest(user, "POST /api/v1/cases", content, key)


def test_a_key_in_use_is_refused_at_once(clinic):
    made, going_on, ended = threading.Event(), threading.Event(), []
    user = clinic.clinician

    def slow():
        def make():
            going_on.set()
            assert made.wait(10)
            return clinic.reviewer

        ended.append(once(sent_by(user), type(user), make))

    def second():
        assert going_on.wait(10)
        try:
            with pytest.raises(Conflict) as refused:
                once(sent_by(user), type(user), lambda: clinic.admin)
            assert refused.value.code == "idempotency_key_in_use"
        finally:
            made.set()

    assert at_once(slow, second) == [None, None]
    assert ended == [(clinic.reviewer, False)]
    assert once(sent_by(user), type(user), lambda: clinic.admin) == (clinic.reviewer, True)
    with pytest.raises(Unprocessable):
        once(sent_by(user, content="b" * 64), type(user), lambda: clinic.admin)


def test_a_crash_after_the_commit_makes_no_second_case(clinic, monkeypatch):
    token = token_of(clinic.clinician)
    client = Client(headers={"Authorization": f"Token {token}"}, raise_request_exception=False)
    with monkeypatch.context() as broken:
        broken.setattr("triage.api.cases.case_in_detail", lambda pk: 1 / 0)
        assert send(client, KEY).status_code == 500
    again = send(client, KEY)
    assert (again.status_code, again.json()["already_sent"]) == (201, True)
    assert str(Case.objects.get().pk) == again.json()["id"]


def test_a_crash_before_the_commit_leaves_neither_case_nor_key(clinic, monkeypatch):
    token = token_of(clinic.clinician)
    client = Client(headers={"Authorization": f"Token {token}"}, raise_request_exception=False)
    with monkeypatch.context() as broken:
        broken.setattr(IdempotencyKey.objects, "create", lambda **_: 1 / 0)
        assert send(client, KEY).status_code == 500
    assert not Case.objects.exists()
    assert send(client, KEY).status_code == 201
