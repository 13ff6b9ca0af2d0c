"""The Django admin answers a malformed id or parameter with a page, never with 500."""

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from accounts.models import User

PAGES = sorted(admin.site._registry.items(), key=lambda page: page[0]._meta.label)
ODD = ["nonsense", "\0"]


def address(model, view, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=arguments)


@pytest.fixture
def top(people, client):
    client.raise_request_exception = False
    client.force_login(User.objects.create_superuser("top@example.org", name="Top"))
    return client


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(("model", "page"), PAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_no_page_breaks(top, model, page, odd):
    the_list, form = address(model, "changelist"), address(model, "add")
    sent = {name for one in page.list_filter for name in page._sent_by(one)}
    answers = {f"list, {name}": top.get(the_list, {name: odd}) for name in {*sent, "q", "o", "p"}}
    for view in ("change", "delete", "history"):
        answers[view] = top.get(address(model, view, odd))
    fields = {field.name: odd for field in model._meta.fields}
    answers["form"], answers["posted"] = top.get(form, fields), top.post(form, fields)
    for action in [*page.actions, "delete_selected"]:
        chosen = {"action": action, ACTION_CHECKBOX_NAME: odd, "post": "yes"}
        answers[action] = top.post(the_list, chosen)
    broken = {name: answer.status_code for name, answer in answers.items()}
    assert {name: status for name, status in broken.items() if status >= 500} == {}
