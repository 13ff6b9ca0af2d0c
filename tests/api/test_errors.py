"""One shape for everything that goes wrong, and nothing that a request holds can break it."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from tests.api.conftest import BASE, png
from triage.api import me

JSON = {"content_type": "application/json"}


class Unreadable:
    """A body that fails the test as soon as anybody reads a byte of it."""

    def read(self, *_):
        raise AssertionError("The body was read.")

    readline = read


def error(answer, status, code):
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/json"
    body = answer.json()["error"]
    assert set(body) == {"code", "message", "fields", "files", "request_id"}
    assert body["code"] == code
    assert body["message"]
    assert body["request_id"] == answer["X-Request-ID"]
    return body


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["", "nothing", "cases/1", "cases/1/claim/", "a/b/c.json"])
def test_an_address_that_is_none_is_404_to_everybody(db, method, path):
    error(getattr(Client(), method)(f"{BASE}/{path}"), 404, "not_found")


def test_a_method_that_is_none_is_405_and_names_the_others(people, signed_in):
    answer = signed_in(people.reviewer).put(reverse("api_me"))
    error(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_no_token_is_401_and_says_how_to_sign_in(db):
    answer = Client().get(reverse("api_me"))
    error(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("body", ["{", "nonsense", "\udcff".encode("utf-8", "surrogateescape")])
def test_json_that_is_none_is_400(db, body):
    error(Client().post(reverse("api_login"), body, **JSON), 400, "parse_error")


def test_json_nested_beyond_sense_is_400(db):
    error(Client().post(reverse("api_login"), "[" * 100_000, **JSON), 400, "parse_error")


@pytest.mark.parametrize("body", ["[]", '"text"', "null", "1"])
def test_json_that_is_no_object_is_400(db, body):
    error(Client().post(reverse("api_login"), body, **JSON), 400, "invalid")


def test_each_wrong_and_each_unknown_field_is_named(db):
    body = {"email": "no address", "password": "x", "pasword": "x"}
    answer = Client().post(reverse("api_login"), body, **JSON)
    assert set(error(answer, 400, "invalid")["fields"]) == {"pasword"}
    answer = Client().post(reverse("api_login"), {"email": "no address"}, **JSON)
    assert set(error(answer, 400, "invalid")["fields"]) == {"email", "password"}


def test_an_unknown_parameter_is_named(people, signed_in):
    client = signed_in(people.reviewer)
    assert "page" in error(client.get(reverse("api_cases") + "?page=2"), 400, "invalid")["fields"]
    answer = client.get(reverse("api_worklist") + "?page=2")
    assert "page" in error(answer, 400, "bad_filter")["message"]


@pytest.mark.parametrize("query", ["q=%00", "site=a%00b", "cursor=%00"])
def test_a_nul_in_the_address_is_400(people, signed_in, query):
    error(signed_in(people.reviewer).get(f"{BASE}/worklist?{query}"), 400, "parse_error")


def test_a_body_of_another_type_is_415(people, signed_in):
    answer = signed_in(people.clinician).post(reverse("api_cases"), {"site": "north"}, **JSON)
    error(answer, 415, "unsupported_media_type")
    answer = signed_in(people.reviewer).post(reverse("api_login"), {"email": "x"})
    error(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["cases", "auth/login", "me"])
def test_a_body_too_large_is_413_before_a_byte_is_read(people, signed_in, path):
    announced = {"CONTENT_LENGTH": str(50 * 1024**3), "wsgi.input": Unreadable()}
    client = signed_in(people.clinician)
    kind = "multipart/form-data; boundary=x" if path == "cases" else "application/json"
    answer = client.generic("POST", f"{BASE}/{path}", b"", kind, **announced)
    message = error(answer, 413, "request_too_large")["message"]
    assert "50 GB" in message


def test_a_session_reads_no_body_that_is_too_large_either(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.clinician)
    announced = {"CONTENT_LENGTH": str(50 * 1024**3), "wsgi.input": Unreadable()}
    kind = "multipart/form-data; boundary=x"
    answer = client.generic("POST", reverse("api_cases"), b"", kind, **announced)
    error(answer, 413, "request_too_large")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name="),
    ],
)
@pytest.mark.parametrize("by_session", [False, True])
def test_a_broken_form_is_400(people, signed_in, kind, body, by_session):
    client = signed_in(people.clinician)
    if by_session:
        client = Client()
        client.force_login(people.clinician)
    answer = client.generic("POST", reverse("api_cases"), body, kind)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("parse_error", "broken_off")


def test_a_form_field_beyond_sense_is_413(site, people, signed_in):
    body = {"site": site.slug, "images": png(), "clinical_question": "x" * 3_000_000}
    answer = signed_in(people.clinician).post(reverse("api_cases"), body)
    error(answer, 413, "request_too_large")


@pytest.mark.parametrize("by_session", [False, True])
def test_more_files_than_a_case_holds_is_400(site, people, signed_in, by_session):
    client = signed_in(people.clinician)
    if by_session:
        client = Client()
        client.force_login(people.clinician)
    files = [png(f"{number}.png", number) for number in range(21)]
    answer = client.post(reverse("api_cases"), {"site": site.slug, "images": files})
    assert "20" in error(answer, 400, "too_many_files")["message"]


def test_what_nobody_foresaw_is_500_in_the_shape_and_in_the_log(
    people, signed_in, monkeypatch, caplog
):
    def broken(self, user):
        raise RuntimeError("wires crossed")

    monkeypatch.setattr(me.MeSerializer, "get_memberships", broken)
    client = signed_in(people.reviewer)
    with pytest.raises(RuntimeError):  # Django's own signal went out, as for any page
        client.get(reverse("api_me"))
    client.raise_request_exception = False
    caplog.clear()
    with caplog.at_level(logging.ERROR, "django.request"):
        answer = client.get(reverse("api_me"))
    body = error(answer, 500, "server_error")
    assert "wires" not in body["message"]
    assert "wires crossed" in caplog.text


def test_a_strange_accept_is_406_in_the_shape(people, signed_in):
    answer = signed_in(people.reviewer).get(reverse("api_me"), headers={"Accept": "text/html"})
    error(answer, 406, "not_acceptable")
