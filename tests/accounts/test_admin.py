"""The Django admin: people and sites for the installation's staff, and never a case."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.acts import Act
from accounts.models import AuditEntry, Membership, Site, User
from accounts.services.events import emit
from tests.factories import make_release, make_user
from triage import models as triage_models
from triage.inference.checks import request_check
from triage.states import ReleaseState


def test_no_case_picture_or_finding_is_registered():
    registered = set(admin.site._registry)
    private = {
        triage_models.Case,
        triage_models.Image,
        triage_models.Job,
        triage_models.Prediction,
        triage_models.Review,
    }
    assert not registered & private
    assert {User, Site, Membership, AuditEntry, triage_models.Release} <= registered


@pytest.mark.parametrize("model", ["user", "site", "membership", "auditentry"])
def test_staff_see_lists_and_nobody_else_does(people, client, model):
    url = reverse(f"admin:accounts_{model}_changelist")
    client.force_login(people.staff)
    assert client.get(url).status_code == 200
    client.force_login(people.admin)
    assert client.get(url).status_code == 302


def test_staff_make_a_person_without_a_password_and_it_is_audited(people, client):
    client.force_login(people.staff)
    form = {"name": "Nora New", "email": "Nora@Example.org", "is_active": "on"}
    assert client.post(reverse("admin:accounts_user_add"), form).status_code == 302
    nora = User.objects.get(email="nora@example.org")
    assert not nora.has_usable_password()
    assert AuditEntry.objects.filter(verb="user.created", actor=people.staff).exists()


def test_staff_make_a_site_and_a_membership(people, client):
    client.force_login(people.staff)
    site = {"name": "West", "slug": "west", "time_zone": "Europe/Berlin", "is_active": "on"}
    assert client.post(reverse("admin:accounts_site_add"), site).status_code == 302
    west = Site.objects.get(slug="west")
    form = {"user": people.admin.pk, "site": west.pk, "roles": "admin", "is_active": "on"}
    client.post(reverse("admin:accounts_membership_add"), form)
    assert Membership.objects.get(site=west).roles == ["admin"]
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"site.created", "membership.added"} <= verbs


@pytest.mark.parametrize("model", ["user", "site", "membership", "auditentry"])
def test_history_can_not_be_deleted(people, client, model):
    client.force_login(people.staff)
    rows = {
        "user": people.admin,
        "site": Site.objects.first(),
        "membership": Membership.objects.first(),
    }
    if model == "auditentry":
        emit(Act.SIGNED_IN, people.staff, actor=None)
        rows["auditentry"] = AuditEntry.objects.first()
    url = reverse(f"admin:accounts_{model}_delete", args=[rows[model].pk])
    assert client.post(url, {"post": "yes"}).status_code == 403


def test_tokens_show_no_secret(people, client):
    from knox.models import AuthToken

    client.force_login(people.staff)
    instance, token = AuthToken.objects.create(people.reviewer)
    page = client.get(reverse("admin:knox_authtoken_changelist")).content.decode()
    assert instance.token_key in page
    assert token not in page


def test_staff_without_superuser_manage_people_but_raise_nobody(people, client):
    clerk = make_user(is_staff=True)
    client.force_login(clerk)
    form = {"name": "Nora", "email": "nora@example.org", "is_active": "on", "is_superuser": "on"}
    assert client.post(reverse("admin:accounts_user_add"), form).status_code == 302
    nora = User.objects.get(email="nora@example.org")
    assert not nora.is_superuser
    assert client.get(reverse("admin:triage_release_changelist")).status_code == 200
    assert client.get("/").status_code == 200
    assert not clerk.has_perm("auth.add_group")


def test_admins_see_what_the_call_of_a_release_with_a_detector_is_worth(people, client):
    auroc = {"value": 0.931, "interval": [0.914, 0.946]}
    detector = {
        "fracatlas": {"auroc": auroc},
        "without_fracatlas": {"auroc": {"value": 0.72, "interval": [0.69, 0.75]}},
    }
    metrics = {"fracture": None, "elsewhere": None, "detector": detector}
    make_release(manifest={"metrics": metrics})
    client.force_login(people.staff)
    page = client.get(reverse("admin:triage_release_changelist")).content.decode()
    assert "0.931 (0.914 – 0.946)" in page
    assert "0.720 (0.690 – 0.750): the call is used." in page


def test_admins_see_what_each_release_is_worth(people, client):
    make_release()
    client.force_login(people.staff)
    page = client.get(reverse("admin:triage_release_changelist")).content.decode()
    assert "40.0% (36.0% – 44.0%)" in page
    assert "0.910 (0.880 – 0.940)" in page


@pytest.mark.parametrize(
    ("metrics", "said"),
    [
        (
            {"coarse": {"accuracy": {"value": 0.553, "interval": [0.518, 0.588]}}},
            "55.3% (51.8% – 58.8%)",
        ),
        ({}, "–"),  # measured before there were these groups
    ],
)
def test_admins_see_how_often_the_coarse_group_is_right(people, client, metrics, said):
    release = make_release(manifest={"metrics": metrics})
    client.force_login(people.staff)
    page = client.get(reverse("admin:triage_release_change", args=[release.pk])).text
    row = page.partition("Accuracy of the four coarse groups of types")[2]
    assert said in row.partition("</div>")[0]


@pytest.mark.parametrize(
    ("usable", "said"),
    [(False, "0.584 (0.544 – 0.625): the call is not used"), (True, ": the call is used.")],
)
def test_admins_see_beside_it_what_its_call_is_worth_elsewhere(people, client, usable, said):
    elsewhere = {"auroc": {"value": 0.584, "interval": [0.544, 0.625]}}
    release = make_release(manifest={"metrics": {"elsewhere": elsewhere}}, call_is_usable=usable)
    client.force_login(people.staff)
    page = client.get(reverse("admin:triage_release_changelist")).content.decode()
    assert said in page
    assert said in client.get(reverse("admin:triage_release_change", args=[release.pk])).text


RELEASES = "admin:triage_release_changelist"


@pytest.fixture
def aside():
    return make_release(
        active=False, state=ReleaseState.SET_ASIDE, problem="The worker stopped while it loaded."
    )


def act(client, action, *releases):
    data = {"action": action, "_selected_action": [release.pk for release in releases]}
    page = client.post(reverse(RELEASES), data, follow=True).content.decode()
    return page.replace("Test-release", "test-release")  # Django begins a message with a capital


def test_the_page_of_releases_says_which_can_be_used_and_why_not(people, client, aside):
    make_release()
    client.force_login(people.staff)
    page = client.get(reverse(RELEASES)).content.decode()
    assert "Usable." in page
    assert "Set aside. The worker stopped while it loaded." in page
    assert 'http-equiv="refresh"' not in page
    request_check(aside)
    page = client.get(reverse(RELEASES)).content.decode()
    assert "Being checked: 0 of 3 tries made. The worker stopped while it loaded." in page
    assert 'http-equiv="refresh"' in page, "the end of the check is seen without a click"
    one = client.get(reverse("admin:triage_release_change", args=[aside.pk])).content.decode()
    assert "Being checked: 0 of 3 tries made." in one


def test_staff_activate_and_check_releases_and_both_are_audited(people, client, aside):
    usable = make_release(active=False)
    client.force_login(people.staff)
    assert f"{usable} is active now." in act(client, "activate", usable)
    page = act(client, "activate", aside)
    assert "can&#x27;t be activated: The worker stopped while it loaded." in page
    assert "Choose one release." in act(client, "activate", aside, usable)
    assert f"A worker checks {aside} now." in act(client, "check_again", aside)
    usable.refresh_from_db()
    aside.refresh_from_db()
    assert (usable.is_active, aside.is_active, aside.state) == (True, False, "checking")
    done = AuditEntry.objects.filter(actor=people.staff).values_list("verb", "subject_id")
    assert set(done) == {
        ("release.activated", str(usable.pk)),
        ("release.check_requested", str(aside.pk)),
    }


def test_the_search_for_people_comes_in_an_order(people, client):
    """Its pages would overlap without one."""
    asked = {"app_label": "accounts", "model_name": "membership", "field_name": "user", "term": ""}
    client.force_login(people.staff)
    rows = client.get(reverse("admin:autocomplete"), asked).json()["results"]
    names = [row["text"] for row in rows]
    assert len(names) > 1
    assert names == sorted(names)
