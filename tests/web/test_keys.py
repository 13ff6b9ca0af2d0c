"""One table of keys: no key means two things, and every act of the table is on its page."""

import re
from itertools import combinations

import pytest
from django.urls import reverse

from tests.architecture.test_floors import REPOSITORY
from tests.factories import make_case
from triage.states import CaseState
from triage.vocabulary import FractureCertainty, FractureClass
from triage.web.keys import ACTS, AWAITED, CASE, EVERY, GROUPS, LIST, SIGNING, TYPE_KEYS

TEMPLATES = sorted((REPOSITORY / "templates").rglob("*.html"))
SCRIPTS = sorted((REPOSITORY / "static" / "js").rglob("*.js"))
NAMED = re.compile(r"""{% (?:act|key) ["']([^"']+)["'] %}""")
HANDLED = re.compile(r"""onAct\(["']([^"']+)["']""")
BESIDE_THE_TABLE = re.compile(r"data-key=|accesskey=|data-act=|<kbd>")
WRITES_ITS_OWN = {"keys.html"}  # the help
WITHOUT_THE_TABLE = re.compile(r"""event\.key === ["'](?!Escape|Enter|Tab)""")


def acts_of(context: str) -> set[str]:
    """The acts whose keys work on such a page."""
    groups = (group for group in GROUPS if group.contexts & {EVERY, context})
    return {act.name for group in groups for act in group.acts}


def handled() -> set[str]:
    return {name for path in SCRIPTS for name in HANDLED.findall(path.read_text())}


@pytest.mark.parametrize("context", [LIST, CASE])
def test_no_two_acts_share_a_key(context):
    for one, other in combinations(sorted(acts_of(context)), 2):
        assert not set(ACTS[one].keys) & set(ACTS[other].keys), (one, other)


def test_no_act_is_named_twice():
    assert len(ACTS) == sum(len(group.acts) for group in GROUPS)


def test_shift_with_a_letter_chooses_a_type_and_never_signs():
    with_shift = {
        name for name, act in ACTS.items() for key in act.keys if len(key) == 1 and key.isupper()
    }
    assert with_shift == {f"type.{name.value}" for name in TYPE_KEYS}
    assert with_shift.isdisjoint(SIGNING)
    signing = {key for name in SIGNING for key in ACTS[name].keys}
    assert signing.isdisjoint(key.lower() for key in TYPE_KEYS.values())  # where Shift was missed


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_names_acts_of_the_table_only(path):
    source = path.read_text()
    assert set(NAMED.findall(source)) <= ACTS.keys()
    if path.name not in WRITES_ITS_OWN:
        assert BESIDE_THE_TABLE.findall(source) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_listens_to_acts_of_the_table_only(path):
    assert set(HANDLED.findall(path.read_text())) <= ACTS.keys()
    assert WITHOUT_THE_TABLE.findall(path.read_text()) == []


@pytest.fixture
def pages(site, people, client) -> dict[str, str]:
    """The worklist, and a case with two pictures free and then held, and one that is signed."""
    case = make_case(site, people.clinician, images=2)
    client.force_login(people.clinician2)
    earlier = make_case(site, people.clinician)
    client.post(reverse("case_review", args=[earlier.pk]), {"fracture": "none"})
    worklist = client.get(reverse("worklist"))
    free = client.get(reverse("case", args=[case.pk]))
    client.post(reverse("case_claim", args=[case.pk]))
    held = client.get(reverse("case", args=[case.pk]))
    signed = client.get(reverse("case", args=[earlier.pk]))
    return {LIST: worklist.text, CASE: free.text + held.text + signed.text}


@pytest.mark.parametrize("context", [LIST, CASE])
def test_every_act_of_the_table_is_on_its_page(pages, context):
    """And what is awaited is not: whoever builds it takes it out of ``AWAITED``."""
    named = set(re.findall(r'data-act="([^"]+)"', pages[context]))
    there = (named | handled()) & acts_of(context)
    assert there == acts_of(context) - AWAITED
    assert named <= acts_of(context)


def test_the_help_names_an_answer_as_the_form_does():
    """One name for a thing, from the table of the answers and that of the types."""
    for answer in FractureCertainty:
        assert ACTS[f"opinion.{answer.value}"].label == answer.label
    for name in FractureClass:
        assert ACTS[f"type.{name.value}"].label == name.label


def test_a_blind_form_has_no_key_for_what_it_can_not_do(site, people, client):
    """There is no suggestion to agree with, and locking stays on the page: "y" locks as well."""
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    client.force_login(people.reviewer)
    page = client.get(reverse("case", args=[case.pk])).text
    form = page.partition('id="review-form"')[2].partition("</form>")[0]
    assert 'data-act="sign.next"' in form and "Lock first reading" in form
    assert 'data-act="agree"' not in form and 'name="agrees"' not in form
    assert "data-no-suggestion=" in form


def test_the_help_lists_the_table(pages):
    listed = re.findall(r'data-name="([^"]+)" data-keys="([^"]+)"', pages[LIST])
    assert [(name, keys) for name, keys in listed] == [
        (act.name, " ".join(act.keys))
        for group in GROUPS
        for act in group.acts
        if act.name not in AWAITED
    ]
