"""Nobody raises themselves in the Django admin, and no last admin is lost there."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.access import sites_where
from accounts.models import AuditEntry, Membership, Site, User
from accounts.refusals import NotPermitted, Refused
from accounts.roles import Role
from accounts.services.accounts import change_account
from accounts.services.people import add_member, change_roles, restore_membership
from accounts.services.tokens import create_api_client, create_token, revoke_any_token
from tests.factories import make_member, make_membership, make_user


@pytest.fixture
def clerk(db):
    """Staff of the installation, and no superuser."""
    return make_user(name="Cleo Clerk", is_staff=True)


def posting(actor, address, form, *arguments):
    client = Client()
    client.force_login(actor)
    return client.post(reverse(f"admin:{address}", args=arguments), form, follow=True)


def page_of(user, **changed):
    form = {"name": user.name, "email": user.email, "is_active": "on"}
    form |= {flag: "on" for flag in ("is_staff", "is_superuser") if getattr(user, flag)}
    form |= changed
    return {name: value for name, value in form.items() if value is not None}


def change(actor, user, **changed):
    answer = posting(actor, "accounts_user_change", page_of(user, **changed), user.pk)
    user.refresh_from_db()
    return answer


@pytest.mark.parametrize("target", ["staff", "colleague", "themselves"])
@pytest.mark.parametrize(
    "changed", [{"email": "mine@example.org"}, {"is_active": None}, {"name": "Somebody"}]
)
def test_a_clerk_changes_no_superuser_no_staff_and_not_themselves(people, clerk, target, changed):
    others = {"staff": people.staff, "themselves": clerk}
    user = others.get(target) or make_user(is_staff=True)
    before = (user.email, user.is_active, user.name)
    assert change(clerk, user, **changed).status_code == 403
    assert (user.email, user.is_active, user.name) == before
    with pytest.raises(NotPermitted):
        change_account(account=user, changes={"name": "X"}, actor=clerk)


def test_a_clerk_makes_nobody_staff(people, clerk):
    change(clerk, people.reviewer, is_staff="on", is_superuser="on")
    assert not people.reviewer.is_staff
    for rank in ("is_staff", "is_superuser"):
        with pytest.raises(NotPermitted):
            change_account(account=people.reviewer, changes={rank: True}, actor=clerk)
    posting(
        clerk, "accounts_user_add", page_of(User(name="N", email="n@example.org"), is_staff="on")
    )
    assert not User.objects.get(email="n@example.org").is_staff


def test_a_clerk_takes_over_nobody_by_the_address_and_a_reset(people, clerk):
    change(clerk, people.reviewer, email="mine@example.org")
    assert people.reviewer.email != "mine@example.org"
    with pytest.raises(NotPermitted):
        change_account(account=people.reviewer, changes={"email": "mine@x.org"}, actor=clerk)
    Client().post(reverse("account_reset_password"), {"email": "mine@example.org"})
    assert "/reset/key/" not in "".join(letter.body for letter in mail.outbox)


def test_a_clerk_mends_the_address_of_somebody_who_was_never_there(people, clerk):
    invited = User.objects.create_user("typo@example.org", name="Ivy Invited")
    change(clerk, invited, email=" Ivy@Example.org ")
    assert invited.email == "ivy@example.org"
    entry = AuditEntry.objects.get(verb="user.changed", actor=clerk)
    assert entry.detail == {
        "before": {"email": "typo@example.org"},
        "after": {"email": "ivy@example.org"},
    }


def test_a_clerk_takes_nobodys_invitation_over(people, clerk, site):
    """Who was invited as a reader has no password yet: a new one goes to whatever address stands there."""
    invited = User.objects.create_user("ivy@example.org", name="Ivy Invited")
    for active in (True, False):
        Membership.objects.update_or_create(
            user=invited, site=site, defaults={"roles": ["reviewer"], "is_active": active}
        )
        answer = change(clerk, invited, email="clerk@example.org")
        assert "Only a superuser changes the address" in answer.content.decode()
        assert invited.email == "ivy@example.org"
    change(people.staff, invited, email="ivy@example.net")
    assert invited.email == "ivy@example.net"


def test_a_changed_address_ends_the_tokens_of_the_old_one(people):
    AuthToken.objects.create(people.reviewer)
    change(people.staff, people.reviewer, email="rita@example.net")
    assert people.reviewer.email == "rita@example.net"
    assert not AuthToken.objects.filter(user=people.reviewer).exists()


def test_the_last_superuser_stays_one_and_active(people, clerk):
    root = people.staff
    for changed in ({"is_active": None}, {"is_superuser": None}):
        answer = change(root, root, **changed)
        assert root.is_active
        assert root.is_superuser
        assert "superuser" in answer.content.decode()
    second = make_user(is_staff=True, is_superuser=True)
    change(second, root, is_active=None)
    assert not root.is_active
    with pytest.raises(Refused, match="active superuser"):
        change_account(account=second, changes={"is_superuser": False}, actor=second)


def test_nobody_switches_themselves_off(people):
    make_user(is_staff=True, is_superuser=True)
    assert (
        "switches their own account off"
        in change(people.staff, people.staff, is_active=None).content.decode()
    )
    assert people.staff.is_active


def test_the_last_admin_of_a_site_stays_active(site, people):
    answer = change(people.staff, people.admin, is_active=None)
    assert "A site needs an admin" in answer.content.decode()
    assert people.admin.is_active
    make_member(site, Role.ADMIN)
    change(people.staff, people.admin, is_active=None)
    assert not people.admin.is_active


def test_the_last_admin_of_a_site_stays_admin(site, people):
    member = Membership.objects.get(user=people.admin)
    for form in ({"roles": "clinician", "is_active": "on"}, {"roles": "admin"}):
        answer = posting(people.staff, "accounts_membership_change", form, member.pk)
        assert "A site needs an admin" in answer.content.decode()
        member.refresh_from_db()
        assert (member.roles, member.is_active) == (["admin"], True)


@pytest.mark.parametrize("who", ["clerk", "staff"])
def test_nobody_gives_themselves_a_membership(site, people, clerk, who):
    actor = clerk if who == "clerk" else people.staff
    form = {"user": actor.pk, "site": site.pk, "roles": "reviewer"}
    posting(actor, "accounts_membership_add", form)
    posting(
        actor, "accounts_membership_change", {**form, "is_active": "on"},
        Membership.objects.get(user=people.clinician2).pk,
    )  # fmt: skip
    client = Client()
    client.force_login(actor)
    person = {"name": "Me", "email": actor.email, "roles": ["reviewer"]}
    assert client.post(reverse("people_add", args=[site.slug]), person).status_code == 400
    assert sites_where(actor) == []
    with pytest.raises(Refused):
        add_member(site=site, user=actor, roles=["reviewer"], actor=actor)


@pytest.mark.parametrize("member", ["staff", "another clerk"])
def test_a_clerk_changes_no_membership_of_staff(site, people, clerk, member):
    user = people.staff if member == "staff" else make_user(is_staff=True)
    held = make_membership(user, site, Role.CLINICIAN)
    answer = posting(clerk, "accounts_membership_change", {"roles": "reviewer"}, held.pk)
    assert answer.status_code == 403
    with pytest.raises(NotPermitted):
        change_roles(membership=held, roles=["reviewer"], actor=clerk)


def test_a_site_admin_raises_others_and_not_themselves(site, people):
    mine = Membership.objects.get(user=people.admin)
    with pytest.raises(Refused, match="Nobody gives roles to themselves"):
        change_roles(membership=mine, roles=["admin", "reviewer"], actor=people.admin)
    other = make_member(site, Role.ADMIN)
    change_roles(membership=mine, roles=["admin", "reviewer"], actor=other)
    change_roles(membership=mine, roles=["admin"], actor=people.admin)  # giving up is free


def test_who_was_taken_off_does_not_bring_themselves_back(site, people, clerk):
    ended = make_membership(clerk, site, Role.CLINICIAN)
    Membership.objects.filter(pk=ended.pk).update(is_active=False)
    with pytest.raises(Refused):
        restore_membership(membership=ended, actor=clerk)


def test_a_clerk_makes_no_token_that_reads_a_site(site, people, clerk):
    with pytest.raises(NotPermitted):
        create_api_client(site=site, name="Mine", actor=clerk)
    with pytest.raises(NotPermitted):
        create_token(membership=Membership.objects.get(user=people.service), actor=clerk)
    client = Client()
    client.force_login(clerk)
    assert client.post(reverse("client_add", args=[site.slug]), {"name": "Mine"}).status_code == 400
    assert not AuthToken.objects.exists()


def test_an_api_client_is_no_person_and_a_person_no_api_client(site, other_site, people):
    for changed in ({"email": "mine@example.org"}, {"is_staff": "on"}, {"is_superuser": "on"}):
        change(people.staff, people.service, **changed)
        fresh = User.objects.get(pk=people.service.pk)
        assert (fresh.email, fresh.is_staff) == (people.service.email, False)
        name = next(iter(changed))
        with pytest.raises(Refused):
            change_account(account=fresh, changes={name: changed[name]}, actor=people.staff)
    for user, roles in ((people.service, "reviewer"), (people.stranger, "service")):
        form = {"user": user.pk, "site": other_site.pk, "roles": roles}
        posting(people.staff, "accounts_membership_add", form)
    assert not Membership.objects.filter(user=people.service, site=other_site).exists()
    member = Membership.objects.get(user=people.stranger)
    form = {"roles": "service", "is_active": "on"}
    posting(people.staff, "accounts_membership_change", form, member.pk)
    member.refresh_from_db()
    assert Role.SERVICE not in member.roles


def test_a_membership_never_moves_to_another_person_or_site(site, other_site, people):
    member = Membership.objects.get(user=people.clinician2)
    form = {"user": people.stranger.pk, "site": other_site.pk, "roles": "reviewer"}
    posting(people.staff, "accounts_membership_change", {**form, "is_active": "on"}, member.pk)
    member.refresh_from_db()
    assert (member.user, member.site, member.roles) == (people.clinician2, site, ["reviewer"])


@pytest.mark.parametrize("how", ["page", "action"])
def test_a_clerk_revokes_the_tokens_of_people_and_not_of_superusers(people, clerk, how):
    def revoke(token):
        if how == "page":
            return posting(clerk, "knox_authtoken_delete", {"post": "yes"}, token.pk)
        form = {"action": "delete_selected", "_selected_action": token.pk, "post": "yes"}
        return posting(clerk, "knox_authtoken_changelist", form)

    kept, ended = (AuthToken.objects.create(user)[0] for user in (people.staff, people.reviewer))
    revoke(kept)
    with pytest.raises(NotPermitted):
        revoke_any_token(token=kept, actor=clerk)
    revoke(ended)
    assert list(AuthToken.objects.all()) == [kept]
    assert AuditEntry.objects.filter(verb="token.revoked", actor=clerk).count() == 1


def test_each_write_says_what_was_before_and_after(site, people, clerk):
    form = {"name": "North Clinic", "slug": "north", "time_zone": "Europe/Paris", "is_active": "on"}
    posting(clerk, "accounts_site_change", form, site.pk)
    entry = AuditEntry.objects.get(verb="site.changed")
    assert entry.detail == {
        "before": {"time_zone": "UTC"},
        "after": {"time_zone": "Europe/Paris"},
    }
    member = Membership.objects.get(user=people.clinician2)
    posting(
        clerk, "accounts_membership_change", {"roles": "reviewer", "is_active": "on"}, member.pk
    )
    entry = AuditEntry.objects.get(verb="membership.roles_changed")
    assert (entry.detail["before"], entry.detail["after"]) == (
        {"roles": ["clinician"]},
        {"roles": ["reviewer"]},
    )


@pytest.mark.parametrize("who", ["anonymous", "stranger", "admin", "service"])
def test_who_is_no_staff_writes_nothing(site, people, who):
    client = Client()
    if who != "anonymous":
        client.force_login(getattr(people, who))
    form = page_of(people.reviewer, name="Changed")
    assert (
        client.post(
            reverse("admin:accounts_user_change", args=[people.reviewer.pk]), form
        ).status_code
        == 302
    )
    people.reviewer.refresh_from_db()
    assert people.reviewer.name == "Rita Reviewer"
    assert Site.objects.count() == 2
