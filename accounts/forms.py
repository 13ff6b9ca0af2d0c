"""Forms of the people page and of the Django admin."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import User
from accounts.roles import Role
from accounts.texts import as_read

PERSON_ROLES = [(role.value, role.label) for role in Role if role != Role.SERVICE]


class TextField(forms.CharField):
    """A text that a person typed. Its length is checked as ``accounts.texts.as_read`` gives it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return as_read(text) if isinstance(text, str) else text


class RolesForm(forms.Form):
    """The roles of one person; a membership can hold several."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=PERSON_ROLES, widget=forms.CheckboxSelectMultiple
    )


class PersonForm(RolesForm):
    """A person to add."""

    name = TextField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"))

    field_order = ["name", "email", "roles"]


class ClientForm(forms.Form):
    """An API client to add."""

    name = TextField(label=_("Name"), max_length=120, help_text=_("The system that will use it."))
    # The id of the client that this form makes, so that the same form makes it once.
    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=new_id, required=False)


class StaffPersonForm(forms.ModelForm):
    """A person as the installation's staff makes them: invited by mail, no password chosen here."""

    class Meta:
        model = User
        fields = ["name", "email", "is_active", "is_staff", "is_superuser"]
