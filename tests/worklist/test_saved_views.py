"""Saved views: a person's own, bounded, and one of them may be shown first."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import Refused
from triage.models import SavedView
from triage.models.saved_view import LONGEST_NAME, MOST_OF_A_PERSON
from triage.worklist.saved_views import delete_view, save_view, views_of

pytestmark = pytest.mark.usefixtures("storage")
STAT = "priority=stat"


def save(person, name="Urgent", params=STAT, **more):
    return save_view(person=person, name=name, params=params, **more)


def test_a_view_is_kept_as_the_worklist_writes_it(people):
    assert (
        save(people.reviewer, params="finding=refused&sort=deadline").params
        == "call=not_assessable"
    )
    assert save(people.reviewer, params=STAT).params == STAT  # the same name: replaced
    assert [view.params for view in views_of(people.reviewer)] == [STAT]


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "\0"])
def test_a_view_needs_a_name(people, name):
    with pytest.raises(Refused):
        save(people.reviewer, name=name)


@pytest.mark.parametrize("params", ["class=bent", "patient=X", "sort=name"])
def test_what_is_no_view_is_refused(people, params):
    with pytest.raises(Refused):
        save(people.reviewer, params=params)
    assert not SavedView.objects.exists()


def test_each_person_has_their_own_and_not_too_many(people):
    for number in range(MOST_OF_A_PERSON):
        save(people.reviewer, name=f"View {number}")
    with pytest.raises(Refused):
        save(people.reviewer, name="One more")
    other = save(people.clinician)
    delete_view(person=people.reviewer, view_id=other.pk)
    assert views_of(people.clinician) == [other]


def test_the_list_begins_with_the_default_and_shows_all_on_demand(people, client):
    client.force_login(people.reviewer)
    form = {"name": "Urgent", "params": STAT, "is_default": "yes"}
    assert client.post(reverse("view_save"), form)["Location"] == f"/?{STAT}"
    assert client.get("/")["Location"] == f"/?{STAT}"
    assert client.get("/?sort=deadline").status_code == 200
    assert "Urgent" in client.get(f"/?{STAT}").content.decode()
    save(people.reviewer, name="Other", params="", is_default=True)
    assert [view.name for view in views_of(people.reviewer) if view.is_default] == ["Other"]
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.update(is_default=True)
    client.force_login(people.clinician)
    assert client.get("/").status_code == 200
