"""A site's people: added, invited, given roles, taken off; and never without an admin."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import AuditEntry, Membership
from accounts.refusals import NotPermitted, Refused
from accounts.roles import Role
from accounts.services.events import emit
from accounts.services.people import (
    add_person,
    change_roles,
    end_membership,
    restore_membership,
)
from tests.factories import PASSWORD, make_member, make_user
from tests.pages import flat

User = get_user_model()


def membership(user):
    return Membership.objects.get(user=user)


def add(site, actor, email="new@example.org", roles=(Role.REVIEWER,)):
    return add_person(site=site, email=email, name="Nora New", roles=roles, actor=actor)


def test_a_new_person_belongs_and_has_no_password(site, people):
    member, made = add(site, people.admin, "  New@Example.org ")
    assert made
    assert (member.user.email, member.roles) == ("new@example.org", ["reviewer"])
    assert not member.user.has_usable_password()
    assert sites_where(member.user) == [site.pk]
    assert AuditEntry.objects.filter(verb="membership.added", actor=people.admin).count() == 1


def test_a_person_of_another_site_joins_with_one_account(site, people):
    member, made = add(site, people.admin, people.stranger.email)
    assert (member.user, made) == (people.stranger, False)
    with pytest.raises(Refused, match="already"):
        add(site, people.admin, people.stranger.email)


@pytest.mark.parametrize("who", ["clinician", "reviewer", "service", "stranger"])
def test_only_admins_of_the_site_and_staff_manage_it(site, people, who):
    person = getattr(people, who)
    target = membership(people.clinician2)
    for act in (
        lambda: add(site, person),
        lambda: change_roles(membership=target, roles=["admin"], actor=person),
        lambda: end_membership(membership=target, actor=person),
    ):
        with pytest.raises(NotPermitted):
            act()
    add(site, people.staff)


@pytest.mark.parametrize("roles", [[], ["king"], [Role.SERVICE]])
def test_roles_that_a_person_can_not_hold(site, people, roles):
    with pytest.raises(Refused):
        add(site, people.admin, roles=roles)
    assert not User.objects.filter(email="new@example.org").exists()


def test_several_roles_in_one_membership(site, people):
    member = change_roles(
        membership=membership(people.clinician2), roles=["reviewer", "admin"], actor=people.admin
    )
    assert member.roles == ["admin", "reviewer"]


def test_a_site_keeps_its_last_admin(site, people):
    admin = membership(people.admin)
    with pytest.raises(Refused, match="needs an admin"), transaction.atomic():
        end_membership(membership=admin, actor=people.admin)
    with pytest.raises(Refused, match="needs an admin"), transaction.atomic():
        change_roles(membership=admin, roles=["clinician"], actor=people.admin)
    make_member(site, Role.ADMIN)
    end_membership(membership=admin, actor=people.admin)


def test_who_is_taken_off_sees_nothing_until_brought_back(site, people):
    member = end_membership(membership=membership(people.reviewer), actor=people.admin)
    assert sites_where(people.reviewer) == []
    restore_membership(membership=member, actor=people.admin)
    assert sites_where(people.reviewer) == [site.pk]


def test_the_database_itself_refuses_unknown_roles(site, people):
    for roles in ([], ["king"]):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(user=people.reviewer).update(roles=roles)


def test_an_invited_person_chooses_a_password_and_signs_in(
    site, people, client, django_capture_on_commit_callbacks
):
    client.force_login(people.admin)
    form = {"name": "Nora New", "email": "nora@example.org", "roles": ["clinician"]}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("people_add", args=[site.slug]), form)
    assert answer.status_code == 302
    (letter,) = mail.outbox
    assert letter.to == ["nora@example.org"]
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]

    guest = Client()
    page = guest.get(link, follow=True)
    password = "a long and winding road"
    guest.post(page.request["PATH_INFO"], {"password1": password, "password2": password})
    answer = Client().post(
        reverse("account_login"), {"login": "nora@example.org", "password": password}
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_the_address_of_somebody_known_gets_no_invitation(
    site, people, client, django_capture_on_commit_callbacks
):
    client.force_login(people.admin)
    form = {"name": "Stan", "email": people.stranger.email, "roles": ["clinician"]}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("people_add", args=[site.slug]), form)
    assert mail.outbox == []
    people.stranger.refresh_from_db()
    assert people.stranger.check_password(PASSWORD)


def test_a_refused_person_keeps_what_was_typed(site, people, client):
    client.force_login(people.admin)
    form = {"name": "Typed Name", "email": "no address", "roles": ["clinician"]}
    answer = client.post(reverse("people_add", args=[site.slug]), form)
    assert answer.status_code == 400
    assert "Typed Name" in answer.content.decode()


def test_createsuperuser_makes_staff_that_sees_no_case(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="Root@Example.org", name="Root", interactive=False)
    root = User.objects.get(email="root@example.org")
    assert root.is_staff
    assert root.check_password(PASSWORD)
    assert sites_where(root) == []


def test_the_log_of_people_has_pages_and_a_damaged_address_shows_the_newest(site, people, client):
    client.force_login(people.admin)
    for number in range(51):
        after = {"number": number}
        emit(Act.TOKEN_CREATED, site, actor=people.admin, site=site, before={}, after=after)
    for _ in range(300):
        emit(Act.SIGNED_IN, site, actor=people.reviewer, site=site)
    url = reverse("people", args=[site.slug])
    first = client.get(url)
    assert len(first.context["log"].acts) == 50
    second = client.get(f"{url}?before={first.context['log'].earlier}")
    assert len(second.context["log"].acts) == 1
    assert "Newest changes" in second.text
    for damaged in ("x", "0", "-1", "9" * 19, "9" * 400, "1e3", "١"):
        answer = client.get(url, {"before": damaged})
        assert answer.status_code == 400
        assert "This page address is damaged" in answer.text
        assert len(answer.context["log"].acts) == 50


def rows(page):
    """Each person's row of the page by the address of their mail."""
    found = re.findall(r"<tr.*?</tr>", flat(page), re.DOTALL)
    return {re.search(r"\S+@\S+?(?=<)", row)[0].split(">")[-1]: row for row in found if "@" in row}


def test_what_is_refused_to_oneself_is_not_offered_and_why_is_said(site, people, client):
    """Giving roles to oneself is refused, giving one up is not."""
    client.force_login(people.admin)
    url = reverse("people", args=[site.slug])
    own = rows(client.get(url).text)[people.admin.email]
    assert "Nobody gives roles to themselves." in own and "Save roles" not in own
    assert "Give up" not in own  # the only role: none would be left
    assert own.count("disabled") == own.count('type="checkbox"')
    Membership.objects.filter(user=people.admin).update(roles=[Role.ADMIN, Role.REVIEWER])
    row = rows(client.get(url).text)
    own, other = row[people.admin.email], row[people.reviewer.email]
    assert "Give up unticked roles" in own
    assert own.count("disabled") == own.count('type="checkbox"') - 2
    assert "Save roles" in other and "disabled" not in other and "Nobody gives" not in other


def test_staff_are_not_offered_what_only_a_superuser_changes(site, people, client):
    User.objects.filter(pk=people.admin.pk).update(is_superuser=True)
    client.force_login(make_user(is_staff=True))
    row = rows(client.get(reverse("people", args=[site.slug])).text)
    theirs = row[people.admin.email]
    assert "Only a superuser changes" in theirs
    assert "Save roles" not in theirs and "Remove" not in theirs
    assert "Save roles" in row[people.reviewer.email]


def test_nobody_is_offered_to_bring_themselves_back(site, people, client):
    Membership.objects.create(user=people.staff, site=site, roles=[Role.REVIEWER], is_active=False)
    client.force_login(people.staff)
    own = rows(client.get(reverse("people", args=[site.slug])).text)[people.staff.email]
    assert "Bring back" not in own and "Nobody gives roles to themselves." in own
