"""What a list of the Django admin can be asked for: its own filters, and nothing else of any row."""

import warnings

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.admin_base import GuardedModelAdmin
from accounts.models import AuditEntry, Membership, User
from tests.factories import make_release, make_user

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def the_list(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture(params=MODELS, ids=lambda model: model._meta.label)
def model(request):
    return request.param


@pytest.fixture
def clerk(people, client):
    clerk = make_user(is_staff=True)
    client.force_login(clerk)
    return clerk


def paths(model, deep=True):
    """Every field of the model, and of the models one step away."""
    for field in model._meta.get_fields():
        yield field.name
        if deep and field.related_model:
            yield from (f"{field.name}__{name}" for name in paths(field.related_model, False))


def test_every_page_has_the_guarded_base(model):
    assert isinstance(admin.site._registry[model], GuardedModelAdmin)


def _name(item):
    """The parameter or path of a filter of the page."""
    if isinstance(item, type):
        return item.parameter_name
    return item if isinstance(item, str) else item[0]


def test_only_the_filters_of_the_page_are_lookups(model):
    """Of all fields near the model, in every way to compare them."""
    page = admin.site._registry[model]
    own = {_name(item) for item in page.list_filter}
    for path in paths(model):
        for way in (
            "",
            "__startswith",
            "__regex",
            "__gt",
            "__in",
            "__icontains",
            "__lte",
            "__isnull",
        ):
            allowed = page.lookup_allowed(path + way, "x", None)
            assert not allowed or (path in own and way in ("", "__isnull")), path + way


@pytest.mark.parametrize(
    "asked",
    [
        "password__startswith=argon2",
        "password__regex=.",
        "is_superuser__exact=1",
        "id__in=1",
        "pk=1",
        "user__password__startswith=argon2",
        "user__email=a",
        "actor__password__startswith=argon2",
        "digest__startswith=a",
        "site__memberships__user__password__startswith=a",
        "memberships__site__name=North",
        "user__auth_token_set__digest__startswith=a",
        "hash__startswith=a",
    ],
)
def test_a_lookup_that_no_filter_sends_is_refused(clerk, client, model, asked):
    answer = client.get(f"{the_list(model)}?{asked}")
    assert answer.status_code == 400


def test_the_pages_own_filters_work(clerk, client, site, people):
    make_release()
    asked = {
        User: ["is_active__exact=1", "is_staff__exact=0", "is_service__exact=1"],
        Membership: [f"site__id__exact={site.pk}", "is_active__exact=1"],
        AuditEntry: ["act=person.signed_in", f"site__id__exact={site.pk}", "site__isnull=True"],
    }
    for model, questions in asked.items():
        for question in questions:
            assert client.get(f"{the_list(model)}?{question}").status_code == 200, question
    page = client.get(the_list(User)).content.decode()
    assert "?is_staff__exact=1" in page  # what the page itself links to is what was asked here


@pytest.mark.parametrize("rows", [MODELS], ids=["all"])
def test_a_list_sorts_by_its_columns_only(clerk, client, rows):
    for model in rows:
        page = admin.site._registry[model]
        columns = [str(column) for column in page.list_display]
        assert not {"password", "digest", "hash"} & set(columns)
        for order in ("1", "-1", "99", "password", "1.password"):
            answer = client.get(f"{the_list(model)}?o={order}")
            assert answer.status_code == 200
            used = str(answer.context["cl"].queryset.query.order_by)
            assert "password" not in used
            assert "digest" not in used


def test_a_search_looks_at_names_and_addresses_only(clerk, client, people):
    User.objects.filter(pk=people.reviewer.pk).update(password="findme$hash")
    for model in MODELS:
        fields = admin.site._registry[model].search_fields
        assert set(fields) <= {"email", "name", "slug", "user__email", "user__name"}
        answer = client.get(the_list(model), {"q": "findme$hash"})
        assert not answer.context["cl"].result_count
    answer = client.get(the_list(User), {"q": "password:findme"})
    assert not answer.context["cl"].result_count


@pytest.mark.parametrize("field", ["password", "email", "digest", "token_key", "hash", "nothing"])
def test_a_row_is_named_by_its_id_only(clerk, client, people, model, field):
    answer = client.get(f"{the_list(model)}?_to_field={field}&_popup=1")
    assert answer.status_code == (200 if field == model._meta.pk.name else 400)


def test_a_row_is_not_opened_by_another_field(clerk, client, people):
    url = reverse("admin:accounts_user_change", args=[people.reviewer.email])
    assert client.get(f"{url}?_to_field=email").status_code == 400


@pytest.mark.parametrize("field", ["user", "site", "groups", "password", "actor"])
def test_looking_up_for_a_form_returns_names_only(clerk, client, people, field):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asked = {
            "app_label": "accounts",
            "model_name": "membership",
            "field_name": field,
            "term": "",
        }
        answer = client.get(reverse("admin:autocomplete"), asked)
    if field not in ("user", "site"):
        assert answer.status_code == 403
        return
    assert {key for row in answer.json()["results"] for key in row} == {"id", "text"}
    assert User.objects.first().password not in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "knox/authtoken/%00/delete/",
        "knox/authtoken/%00/change/",
        "accounts/auditentry/?verb=%00",
        "accounts/membership/add/?user=x",
        "accounts/membership/add/?site=%00",
        "autocomplete/?app_label=accounts&model_name=membership&field_name=user&term=%00",
    ],
)
def test_what_no_row_can_hold_is_no_fault_of_ours(clerk, client, address):
    assert client.get(f"/admin/{address}").status_code == 400


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("knox/authtoken/", {"action": "delete_selected", "_selected_action": "\0"}),
        ("triage/release/", {"action": "activate", "_selected_action": "x"}),
        ("accounts/membership/add/", {"user": "x", "site": "\0", "roles": "reviewer"}),
    ],
)
def test_nor_is_what_no_row_can_be_chosen_by(clerk, client, address, form):
    assert client.post(f"/admin/{address}", form).status_code == 400


def test_a_field_of_a_form_says_itself_what_it_cannot_hold(clerk, client):
    form = {"name": "N\0", "email": "new@example.org", "is_active": "on"}
    answer = client.post("/admin/accounts/user/add/", form)
    assert answer.status_code == 200
    assert b"Null characters are not allowed" in answer.content
