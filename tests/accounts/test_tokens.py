"""API clients' tokens: shown once, hashed at rest, gone when revoked."""

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership
from accounts.refusals import Refused
from accounts.services.tokens import create_api_client, create_token, revoke_token
from tests.factories import PASSWORD


def me(token):
    return Client().get("/api/v1/me", headers={"Authorization": f"Token {token}"}).status_code


def test_a_token_works_until_it_is_revoked(site, people):
    member, token = create_api_client(site=site, name="PACS gateway", actor=people.admin)
    second = create_token(membership=member, actor=people.admin)
    assert (me(token), me(second)) == (200, 200)
    first = AuthToken.objects.filter(user=member.user).order_by("created").first()
    revoke_token(membership=member, token_key=first.token_key, actor=people.admin)
    assert (me(token), me(second)) == (401, 200)
    verbs = AuditEntry.objects.filter(subject_id=str(member.pk)).values_list("verb", flat=True)
    assert list(verbs) == ["client.created", "token.created", "token.revoked"]


def test_the_page_shows_a_token_once_and_the_database_never(site, people, client):
    client.force_login(people.admin)
    page = client.post(reverse("client_add", args=[site.slug]), {"name": "RIS"}).content.decode()
    token = page.split('id="new-token" readonly value="')[1].split('"')[0]
    assert me(token) == 200
    assert token not in client.get(reverse("people", args=[site.slug])).content.decode()
    stored = AuthToken.objects.latest("created")
    assert token not in (stored.digest, stored.token_key)


def test_a_persons_tokens_are_not_an_admins_to_make_or_revoke(site, people):
    instance, token = AuthToken.objects.create(people.reviewer)
    member = Membership.objects.get(user=people.reviewer)
    with pytest.raises(Refused):
        create_token(membership=member, actor=people.admin)
    with pytest.raises(Refused):
        revoke_token(membership=member, token_key=instance.token_key, actor=people.admin)
    assert me(token) == 200


def test_a_new_password_ends_the_persons_tokens(people, client):
    _, token = AuthToken.objects.create(people.reviewer)
    client.force_login(people.reviewer)
    new = "quite another phrase"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), form)
    assert me(token) == 401
    assert AuditEntry.objects.filter(verb="token.all_revoked", actor=people.reviewer).exists()
