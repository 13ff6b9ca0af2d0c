"""One rule of what a DELETE answers when the thing is gone already (docs/api.md)."""

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import Membership
from triage.api.urls import urlpatterns
from triage.models import Macro, SavedView

# name of the address → what the second DELETE answers.
SECOND = {
    "api_macro": 404,
    "api_view": 404,
    "api_client_token": 404,
    "api_case_draft": 204,
    "api_case_claim": 409,
}


def test_each_address_that_deletes_follows_the_rule():
    deleting = {
        pattern.name
        for pattern in urlpatterns
        if pattern.name and hasattr(pattern.callback.view_class, "delete")
    }
    assert deleting == SECOND.keys()


@pytest.fixture
def browsers(people):
    def browser(person):
        client = Client()
        client.force_login(person)
        return client

    return browser


@pytest.fixture
def addresses(site, people, case, browsers):
    """Each thing is there once."""
    reader = browsers(people.reviewer)
    of_case = {"case_id": case.pk}
    draft = reverse("api_case_draft", kwargs=of_case)
    body = {"content": {"comment": "Clear."}}
    assert reader.put(draft, body, content_type="application/json").status_code == 200
    claim = reverse("api_case_claim", kwargs=of_case)
    assert reader.post(claim, {}, content_type="application/json").status_code == 200
    macro = Macro.objects.create(reader=people.reviewer, shortcut="/nf", text="No fracture.")
    view = SavedView.objects.create(person=people.reviewer, name="Mine", params="")
    token, _text = AuthToken.objects.create(people.service)
    client = Membership.objects.get(user=people.service)
    return {
        "api_macro": reverse("api_macro", args=[macro.pk]),
        "api_view": reverse("api_view", args=[view.pk]),
        "api_client_token": reverse(
            "api_client_token", args=[site.slug, client.pk, token.token_key]
        ),
        "api_case_draft": draft,
        "api_case_claim": claim,
    }


@pytest.mark.parametrize("name", SECOND)
def test_what_is_gone_already_is_answered_by_the_rule(people, addresses, browsers, name):
    client = browsers(people.admin if name == "api_client_token" else people.reviewer)
    answers = [client.delete(addresses[name]).status_code for _ in range(2)]
    assert answers == [204, SECOND[name]]
