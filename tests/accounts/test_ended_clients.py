"""An API client that is ended loses its tokens, and no way back gives it one of them again."""

from contextlib import suppress

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import AuditEntry, Membership
from accounts.refusals import NotPermitted, Refused
from accounts.roles import Role
from accounts.services.accounts import change_account
from accounts.services.people import end_membership, restore_membership
from accounts.services.tokens import create_api_client, create_token
from tests.factories import PASSWORD, make_member, make_user
from tests.pages import flat


@pytest.fixture
def clerk(db):
    """Staff of the installation, and neither superuser nor admin of a site."""
    return make_user(is_staff=True)


@pytest.fixture
def client_and_token(site, people):
    return create_api_client(site=site, name="PACS gateway", actor=people.admin)


def me(token):
    return Client().get("/api/v1/me", headers={"Authorization": f"Token {token}"})


def page(member, actor, what):
    client = Client()
    client.force_login(actor)
    client.post(reverse(f"people_{what}", args=[member.site.slug, member.pk]))


def rest(member, actor, what):
    client = Client()
    client.force_login(actor)
    body = {"password": PASSWORD} if what == "restore" else {}
    address = reverse(f"api_member_{what}", args=[member.site.slug, member.pk])
    client.post(address, body, content_type="application/json")


def service(member, actor, what):
    act = restore_membership if what == "restore" else end_membership
    with suppress(NotPermitted):
        act(membership=member, actor=actor)


def admin(member, actor, what):
    """The Django admin, which is open to staff alone."""
    actor = actor if actor.is_staff else make_user(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(actor)
    form = {"roles": "service", **({"is_active": "on"} if what == "restore" else {})}
    client.post(reverse("admin:accounts_membership_change", args=[member.pk]), form)


WAYS = pytest.mark.parametrize("way", [page, rest, service, admin])


@WAYS
def test_an_ended_client_comes_back_without_its_token(people, client_and_token, way):
    member, token = client_and_token
    way(member, people.admin, "end")
    member.refresh_from_db()
    assert not member.is_active and me(token).status_code == 401
    entry = AuditEntry.objects.get(verb="token.all_revoked")
    assert (entry.subject_id, entry.site) == (str(member.pk), member.site)
    way(member, people.admin, "restore")
    member.refresh_from_db()
    assert member.is_active and me(token).status_code == 401
    again = create_token(membership=member, actor=people.admin)
    assert me(again).json()["memberships"]


@WAYS
def test_staff_end_a_client_and_only_an_admin_brings_it_back(people, clerk, client_and_token, way):
    member, _token = client_and_token
    way(member, clerk, "end")
    member.refresh_from_db()
    assert not member.is_active
    way(member, clerk, "restore")
    member.refresh_from_db()
    assert not member.is_active
    with pytest.raises(NotPermitted, match="brings a client back"):
        restore_membership(membership=member, actor=clerk)
    way(member, people.admin, "restore")
    member.refresh_from_db()
    assert member.is_active


def test_a_token_that_an_earlier_version_left_ends_when_its_client_comes_back(
    people, client_and_token
):
    member, token = client_and_token
    Membership.objects.filter(pk=member.pk).update(is_active=False)
    restore_membership(membership=member, actor=people.admin)
    assert me(token).status_code == 401


def test_an_account_that_is_switched_off_and_on_again_has_no_token(people, clerk, client_and_token):
    """Of a client and of a person: staff may switch them, and a token was somebody else's."""
    member, token = client_and_token
    _, of_person = AuthToken.objects.create(people.reviewer)
    for account in (member.user, people.reviewer):
        change_account(account=account, changes={"is_active": False}, actor=clerk)
        assert not AuthToken.objects.filter(user=account).exists()
    with pytest.raises(Refused, match="Only an active API client"):
        create_token(membership=member, actor=people.admin)
    AuthToken.objects.create(member.user)  # as a request at the same moment might
    for account in (member.user, people.reviewer):
        change_account(account=account, changes={"is_active": True}, actor=clerk)
        assert not AuthToken.objects.filter(user=account).exists()
    assert me(token).status_code == me(of_person).status_code == 401
    entries = AuditEntry.objects.filter(verb="token.all_revoked")
    assert {entry.actor for entry in entries} == {clerk} and len(entries) == 3


def test_a_client_of_two_sites_keeps_its_token_for_the_other(
    site, other_site, people, client_and_token
):
    """No service makes one today."""
    member, token = client_and_token
    second = Membership.objects.create(user=member.user, site=other_site, roles=[Role.SERVICE])
    with pytest.raises(NotPermitted):  # it would open the other site too
        create_token(membership=member, actor=people.admin)
    end_membership(membership=member, actor=people.admin)
    (left,) = me(token).json()["memberships"]
    assert left["site"]["slug"] == other_site.slug
    with pytest.raises(NotPermitted):
        create_token(membership=second, actor=people.admin)
    their_admin = make_member(other_site, Role.ADMIN)
    create_token(membership=second, actor=their_admin)
    end_membership(membership=second, actor=their_admin)
    assert not AuthToken.objects.filter(user=member.user).exists()


def test_a_client_of_two_sites_comes_back_to_one_with_its_token_of_the_other(
    site, other_site, people, client_and_token
):
    """As the docstring of the service says. Who brings it back administers the site that is opened again."""
    member, token = client_and_token
    Membership.objects.create(user=member.user, site=other_site, roles=[Role.SERVICE])
    end_membership(membership=member, actor=people.admin)
    with pytest.raises(NotPermitted):
        restore_membership(membership=member, actor=make_member(other_site, Role.ADMIN))
    restore_membership(membership=member, actor=people.admin)
    opened = {each["site"]["slug"] for each in me(token).json()["memberships"]}
    assert opened == {site.slug, other_site.slug}
    assert AuditEntry.objects.filter(verb="token.all_revoked").count() == 0


def test_staff_are_not_offered_what_only_an_admin_gives(site, people, clerk, client_and_token):
    url = reverse("people", args=[site.slug])
    end_membership(membership=client_and_token[0], actor=people.admin)
    offered = ("New token", "Add an API client", "Bring back")
    for actor, offers in ((people.admin, True), (clerk, False)):
        client = Client()
        client.force_login(actor)
        words = flat(client.get(url).text)
        assert [word in words for word in offered] == [offers] * 3
        assert ("Only an admin of" in words) is not offers
