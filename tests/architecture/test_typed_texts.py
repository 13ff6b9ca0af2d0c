"""Every field that takes a text from a person reads it as ``accounts.texts.as_read`` gives it."""

from collections.abc import Iterator

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory
from rest_framework import serializers

from accounts.forms import TextField as FormTextField
from triage.api import urls  # noqa: F401  every serializer is imported
from triage.api.fields import TextField
from triage.api.views import StrictSerializer
from triage.web import urls as pages  # noqa: F401  every form is imported

# A password is what was typed, to the last character; the others are no texts: names, tokens, places.
NOT_TEXTS = {"password", "token", "cursor", "site", "email"}
OURS = ("accounts.", "triage.")


def below(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def test_a_text_of_a_request_is_read_as_people_read_it():
    plain = {
        f"{reader.__name__}.{name}"
        for reader in below(StrictSerializer)
        for name, field in reader().fields.items()
        if type(field) is serializers.CharField and name not in NOT_TEXTS
    }
    assert not plain
    texts = {name for reader in below(StrictSerializer) for name in reader().fields}
    assert {"comment", "reason", "clinical_question", "accession_number", "text"} <= texts


def test_a_text_of_a_form_is_read_as_people_read_it():
    ours = [form for form in below(forms.Form) if form.__module__.startswith(OURS)]
    plain = {
        f"{form.__name__}.{name}"
        for form in ours
        for name, field in form.base_fields.items()
        if type(field) is forms.CharField and name not in NOT_TEXTS
    }
    assert ours
    assert not plain


@pytest.mark.django_db
def test_a_text_of_the_admin_is_read_as_people_read_it(people):
    request = RequestFactory().get("/")
    request.user = people.staff
    found = {
        (model.__name__, name): type(field)
        for model, page in admin.site._registry.items()
        for name, field in page.get_form(request).base_fields.items()
        if isinstance(field, forms.CharField)
    }
    assert found["User", "name"] is found["Site", "name"] is FormTextField
    assert found["User", "email"] is forms.EmailField
    assert found["Site", "slug"] is forms.SlugField
    assert forms.CharField not in found.values()


def test_the_two_kinds_of_field_read_alike():
    typed = " e\u0301\r\n"
    assert FormTextField().clean(typed) == TextField().run_validation(typed) == "é"
