"""Values in a request to the Django admin that can't be meant. Django's own pages answer 500 to some."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Field
from django.http import HttpRequest


def refuse_malformed(request: HttpRequest, key: "Field[Any, Any]") -> None:
    """Raises BadRequest where a list is asked for by what no row can hold.

    That is a NUL, which PostgreSQL takes in no text, or a chosen row that is no value of ``key``.
    """
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    asked = [value for values in request.GET.lists() for value in values[1]]
    if any("\0" in value for value in (*asked, *chosen)):
        raise BadRequest("A parameter holds a NUL.")
    if not all(_can_be(key, value) for value in chosen):
        raise BadRequest("A chosen row has a malformed id.")


class KnownSelect(AutocompleteSelect):
    """Nothing is chosen where the value is no id, so that the form can be shown with its error."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        key = self.field.target_field
        return super().optgroups(name, [one for one in value if _can_be(key, one)], attr)


def _can_be(key: "Field[Any, Any]", value: str) -> bool:
    try:
        key.to_python(value)
    except ValidationError:
        return False
    return True
