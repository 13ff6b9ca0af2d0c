"""A site's reading rules, as their page."""

import pytest
from django.urls import reverse

from triage.models import ReadingRules


@pytest.fixture
def admin(people, client):
    client.force_login(people.admin)
    return client


@pytest.mark.parametrize(
    ("given", "percent"),
    [
        ({"blind": "on"}, 100),
        ({"blind": "share", "share": "25"}, 25),
        ({"blind": "off", "share": "25"}, 0),
    ],
)
def test_what_is_saved_is_shown_again(site, admin, given, percent):
    url = reverse("reading_rules", args=[site.slug])
    page = admin.post(url, given, follow=True).content.decode()
    assert "Saved." in page
    assert ReadingRules.objects.get(site=site).blind_percent == percent
    checked = page.split(f'value="{given["blind"]}"')[1].split(">")[0]
    assert "checked" in checked
    assert ('value="25"' in page) == (given["blind"] == "share")


@pytest.mark.parametrize(
    "given", [{}, {"blind": "share"}, {"blind": "share", "share": "100"}, {"blind": "often"}]
)
def test_what_can_not_be_meant_changes_nothing(site, admin, given):
    answer = admin.post(reverse("reading_rules", args=[site.slug]), given or {"x": "y"})
    assert answer.status_code == 400
    assert not ReadingRules.objects.exists()
