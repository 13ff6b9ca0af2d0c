"""What the tests of the API share: clients that are signed in by token, and one predicted case."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken

from accounts.models import User
from tests.factories import make_case, picture_bytes
from triage.models import Case

SignIn = Callable[[User], Client]
BASE = "/api/v1"


@pytest.fixture
def signed_in(db) -> SignIn:
    """``signed_in(person)``: a client with a token of that person."""

    def sign_in(person: User) -> Client:
        token = AuthToken.objects.create(person)[1]
        return Client(headers={"Authorization": f"Token {token}"})

    return sign_in


@pytest.fixture
def case(site, people, storage) -> Case:
    """Sent by the clinician, read by the model, waiting for a reader."""
    return make_case(site, people.clinician)


def png(name: str = "wrist.png", seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes(seed), "image/png")
