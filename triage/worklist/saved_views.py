"""Views of the worklist that a person keeps under a name, and the one that they begin with."""

from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Refused, refuse_nul
from accounts.texts import as_read
from triage.models import SavedView
from triage.models.saved_view import LONGEST_NAME, MOST_OF_A_PERSON
from triage.worklist.query import WorklistQuery


def views_of(person: User) -> list[SavedView]:
    """All of the person's views, by name."""
    return list(SavedView.objects.filter(person=person).order_by("name"))


@transaction.atomic
def save_view(*, person: User, name: str, params: str, is_default: bool = False) -> SavedView:
    """Keeps a view under a name; another view of this name is replaced.

    Raises Refused: no name, one too long, a view that can't be read, or too many views.
    """
    name = _checked_name(name)
    # As the worklist itself writes it: without what it doesn't know, and from the first page on.
    params = WorklistQuery.from_params(QueryDict(params), without_sort_of_closed=True).params(
        cursor=None
    )
    User.objects.select_for_update(no_key=True).get(
        pk=person.pk
    )  # two at once: one after the other
    own = SavedView.objects.filter(person=person)
    view = own.filter(name=name).first() or SavedView(person=person, name=name)
    if view._state.adding and own.count() >= MOST_OF_A_PERSON:
        text = _("You have %(most)d views, and more are not kept. Delete one first.")
        raise Refused("too_many_views", text % {"most": MOST_OF_A_PERSON})
    if is_default:
        own.filter(is_default=True).update(is_default=False)
    view.params, view.is_default = params, is_default
    view.save()
    return view


def delete_view(*, person: User, view_id: UUID) -> None:
    """Deletes one of the person's own; also where it is gone already."""
    SavedView.objects.filter(person=person, pk=view_id).delete()


def _checked_name(name: str) -> str:
    name = as_read(name)
    refuse_nul(name)
    if not name:
        raise Refused("view_without_name", _("Give the view a name."))
    if len(name) > LONGEST_NAME:
        text = _("The name has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("view_name_too_long", text % {"given": len(name), "most": LONGEST_NAME})
    return name
