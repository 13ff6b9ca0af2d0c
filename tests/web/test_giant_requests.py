"""A body that can't be meant is refused before it is read."""

import pytest


class Unread:
    """A request body that complains when somebody reads it."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("The body was read.")

    readline = read


def post(client, path, length):
    extra = {"CONTENT_LENGTH": str(length), "wsgi.input": Unread()}
    return client.generic("POST", path, content_type="multipart/form-data; boundary=x", **extra)


@pytest.mark.parametrize("path", ["/accounts/login/", "/cases/new/", "/"])
def test_a_stranger_fills_no_disk(db, client, path):
    assert post(client, path, 120_000_000).status_code == 413


def test_even_a_sender_sends_no_more_than_a_case_may_hold(people, client):
    client.force_login(people.clinician)
    assert post(client, "/cases/new/", 2 * 1024**3).status_code == 413
