"""The Django admin has no page of its own that takes a password, and shows no row by its address."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.urls import NoReverseMatch, reverse

from tests.factories import PASSWORD

HERE = "/admin/accounts/user/"


def test_who_is_not_signed_in_is_led_to_the_one_sign_in_page(db, client):
    answer = client.get(HERE, follow=True)
    assert answer.redirect_chain[-1] == (f"/accounts/login/?next={HERE}", 302)
    assert answer.status_code == 200


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_the_admins_address_takes_no_password(people, client, password):
    form = {"username": people.staff.email, "password": password, "next": "/admin/"}
    answer = client.post("/admin/login/", form)
    assert answer["Location"].startswith("/accounts/login/?next=/admin/")
    assert SESSION_KEY not in client.session


def test_signing_in_leads_back_to_where_one_wanted_to_go(people, client):
    form = {"login": people.staff.email, "password": PASSWORD, "next": HERE}
    assert client.post(reverse("account_login"), form)["Location"] == HERE
    assert client.get("/admin/login/", {"next": HERE})["Location"] == "/admin/"


@pytest.mark.parametrize("who", ["stranger", "clinician", "admin", "service"])
def test_who_is_no_staff_reads_so_and_is_not_redirected(people, client, who):
    client.force_login(getattr(people, who))
    answer = client.get(HERE, follow=True)
    assert answer.status_code == 403
    assert "You may not do this" in answer.content.decode()


def test_passwords_and_signing_out_are_those_of_the_site(people, client):
    client.force_login(people.staff)
    new = "quite another phrase"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    answer = client.post("/admin/password_change/", form)
    assert answer["Location"] == reverse("account_change_password")
    people.staff.refresh_from_db()
    assert people.staff.check_password(PASSWORD)
    client.post("/admin/logout/")
    assert SESSION_KEY not in client.session


def test_no_address_leads_to_rows_of_any_model():
    """Django's ``view_on_site`` redirects to a host that the request names."""
    with pytest.raises(NoReverseMatch):
        reverse("admin:view_on_site", args=[1, 1])
