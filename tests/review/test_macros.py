"""A reader's own macros: bounded, one of each shortcut, and nobody else's."""

import pytest
from django.db import IntegrityError, transaction

from accounts.refusals import Conflict, Refused
from triage.models import Macro
from triage.models.macro import LONGEST_SHORTCUT, LONGEST_TEXT, MOST_OF_A_READER
from triage.review.macros import add_macro, change_macro, delete_macro, macros_of

pytestmark = pytest.mark.django_db
TEXT = "No fracture."


def add(reader, shortcut="/nf", text=TEXT):
    return add_macro(reader=reader, shortcut=shortcut, text=text)


@pytest.mark.parametrize("typed", ["/nf", "nf", " /NF ", "Nf"])
def test_a_shortcut_is_kept_in_one_form(people, typed):
    assert add(people.reviewer, typed).shortcut == "/nf"
    with pytest.raises(Conflict):
        add(people.reviewer)


@pytest.mark.parametrize(
    "shortcut", ["", "/", "//", "/n f", "/n/f", "/n.f", "/" + "x" * LONGEST_SHORTCUT]
)
def test_what_nobody_could_type_is_refused(people, shortcut):
    with pytest.raises(Refused):
        add(people.reviewer, shortcut)


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST_TEXT + 1), "\0"])
def test_a_text_that_is_empty_or_too_long_is_refused(people, text):
    with pytest.raises(Refused):
        add(people.reviewer, text=text)


def test_each_reader_has_their_own(people):
    mine, other = add(people.reviewer), add(people.clinician)
    change_macro(macro=mine, shortcut="/none", text="None.")
    delete_macro(reader=people.reviewer, macro_id=other.pk)
    assert [(macro.shortcut, macro.text) for macro in macros_of(people.reviewer)] == [
        ("/none", "None.")
    ]
    assert [macro.text for macro in macros_of(people.clinician)] == [TEXT]
    delete_macro(reader=people.reviewer, macro_id=mine.pk)
    assert macros_of(people.reviewer) == []


def test_they_are_bounded(people):
    Macro.objects.bulk_create(
        Macro(reader=people.reviewer, shortcut=f"/m{number}", text=TEXT)
        for number in range(MOST_OF_A_READER)
    )
    with pytest.raises(Refused) as refused:
        add(people.reviewer)
    assert refused.value.code == "too_many_macros"
    change_macro(macro=macros_of(people.reviewer)[0], shortcut="/nf", text=TEXT)


def test_the_database_holds_one_of_each(people):
    add(people.reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Macro.objects.create(reader=people.reviewer, shortcut="/nf", text=TEXT)
