"""axe finds nothing serious on any page of ours: both widths, both themes, whoever looks at it.

The pages are all of the table of ``tests/architecture/test_access.py`` that answer 200 (it fails until a new
address is in it), and the states of a case and of a list. ``NO_PAGES`` are parts of pages and files.
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import Site
from tests.architecture.test_access import PEOPLE, TABLE, address
from tests.architecture.test_screens import NO_PAGES
from tests.disclosure.test_blind import read_by_the_model
from tests.e2e.test_first_light import sign_in
from tests.factories import (
    make_call_back,
    make_case,
    make_critical_result,
    make_reading,
    make_release,
    places,
)
from tests.readers import sign_as_shown
from triage.models import Case, Macro
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.states import CaseState

pytestmark = [pytest.mark.e2e]

WHO = ("anonymous", "clinician", "reviewer", "admin")
OF_A_SIGNED_CASE = ("call_back", "critical", "case_report")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Size, theme, and whether all that can be opened is open. In the short form each page of a reader and of a
# sender is looked at one way: who reads and who sends see the same pages, and take turns.
SHORT = ((WIDE, "dark", False), (NARROW, "light", True))
TURNS = {"reviewer": 0, "clinician": 1}
WHOLE = tuple(
    (size, theme, opened)
    for size in (WIDE, NARROW)
    for theme in ("dark", "light")
    for opened in (False, True)
)
OPEN_ALL = "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
# Until nothing moves. What lies in closed details stands still before its end, for ever.
STILL = """Promise.race([
  Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))),
  new Promise((done) => setTimeout(done, 1000)),
])"""


@pytest.fixture
def world(web_site) -> SimpleNamespace:
    """A site with a case in every state, and what belongs to them."""
    people = web_site.people
    make_release()
    site, sender = web_site.site, people.clinician
    states = [state for state in CaseState if state != CaseState.THIRD]
    cases = {state: make_case(site, sender, state, clinical_question="Fell.") for state in states}
    cases |= {
        CaseState.THIRD: disputed(site, people),
        "doubt": make_case(site, sender, finding={"call": "doubt"}),
        "negative": make_case(site, sender, finding={"call": "negative"}),
        "not_assessable": make_case(site, sender, finding={"assessable": False}),
        "blind": blind(site, people),
        "two": make_case(site, sender, images=2, finding=places(), patient_reference="P-1"),
        "mine": make_case(site, sender, patient_reference="P-1"),
        "of another": make_case(site, sender),
    }
    make_reading(cases["mine"], people.reviewer)
    make_reading(cases["of another"], people.clinician2)
    signed = cases[CaseState.REVIEWED]
    make_call_back(signed)
    make_critical_result(signed)
    Macro.objects.create(reader=people.reviewer, shortcut="/old", text="Old.")
    return SimpleNamespace(
        url=web_site.url, site=site, people=people, cases=cases, signed=signed, case=cases["two"]
    )


def blind(site: Site, people: SimpleNamespace) -> Case:
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    with transaction.atomic():
        read_by_the_model(case, top="spiral", confidence=0.9)
    return case


def disputed(site: Site, people: SimpleNamespace) -> Case:
    """A case whose reader switched after the model was shown, which waits for a third reader."""
    set_reading_rules(site=site, actor=people.admin, blind_percent=100, third_if_first_differs=True)
    case = blind(site, people)
    lock_first_reading(case=case, reader=people.clinician2, given=GivenOpinion("none"))
    sign_as_shown(case, people.clinician2, GivenOpinion("certain"))
    return case


def of_the_table(world: SimpleNamespace, who: str) -> Iterator[str]:
    """Addresses of all pages that ``who`` gets."""
    for method, name, about, _body, expected in TABLE:
        answer = dict(zip(PEOPLE, expected, strict=True))[who]
        is_page = name not in NO_PAGES and not name.startswith("health")
        if method == "GET" and answer == 200 and is_page:
            case = world.signed if name.startswith(OF_A_SIGNED_CASE) else world.case
            yield address(name, about, SimpleNamespace(**{**vars(world), "case": case}))


def beside_the_table(world: SimpleNamespace, who: str) -> list[str]:
    """The states of a case and of a list, and an error page."""
    pages = ["/no-such-page/"]
    if who in ("clinician", "reviewer"):
        pages += [reverse("case", args=[case.pk]) for case in world.cases.values()]
        pages += ["/?state=closed", "/?state=third", "/?min_confidence=0.99&sort=confidence"]
    return pages


def serious(page: Page, size: Any, theme: str, opened: bool) -> list[str]:
    """What axe calls serious or critical on the page, each with where it is."""
    page.set_viewport_size(size)
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    if opened:
        page.evaluate(OPEN_ALL)
    page.evaluate(STILL)
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url} {size['width']} {theme}: {one['id']} at {node['target']} {node['html'][:160]}"
        f" {node['failureSummary'][:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("who", WHO)
def test_axe_finds_nothing_serious_on_any_page_of_ours(world, page, whole_form, who):
    page.emulate_media(reduced_motion="reduce")
    if who != "anonymous":
        sign_in(page, world.url, getattr(world.people, who).email)
    found = []
    addresses = (*of_the_table(world, who), *beside_the_table(world, who))
    for number, at in enumerate(addresses, TURNS.get(who, 0)):
        page.goto(f"{world.url}{at}")
        assert page.locator("main#main").count() == 1, f"{at} is no page: is it one of NO_PAGES?"
        short = SHORT[number % 2 :][:1] if who in TURNS else SHORT
        for looked in WHOLE if whole_form else short:
            found += serious(page, *looked)
    assert found == []


def test_axe_finds_nothing_serious_in_the_help_and_beside_a_refused_form(world, page):
    sign_in(page, world.url, world.people.reviewer.email)
    page.goto(f"{world.url}{reverse('case', args=[world.case.pk])}")
    page.keyboard.press("?")
    found = [one for looked in WHOLE for one in serious(page, *looked)]
    page.context.clear_cookies(name="sessionid")
    sign_in(page, world.url, world.people.admin.email)
    for name in ("waits", "reading_rules", "points"):
        page.goto(f"{world.url}{reverse(name, args=[world.site.slug])}")
        page.evaluate(
            "document.querySelectorAll('input').forEach((input) => { input.value = 'x'; })"
        )
        page.evaluate("document.querySelector('main form[method=post]').noValidate = true")
        page.locator("main form[method=post] button").last.click()
        found += [one for looked in SHORT for one in serious(page, *looked)]
    assert found == []


@pytest.mark.whole
def test_what_axe_says_of_pages_that_others_made_is_reported(world, page, capsys):
    """The documentation of the API and the Django admin: reported, not held."""
    sign_in(page, world.url, world.people.staff.email)
    said = []
    for at in ("/api/v1/docs/", "/admin/", "/admin/accounts/user/", "/admin/triage/case/"):
        page.goto(f"{world.url}{at}", wait_until="networkidle")
        found = Axe().run(page).response["violations"]
        said += [f"{at}: {one['id']}, {one['impact']}, {len(one['nodes'])} times" for one in found]
    with capsys.disabled():
        print("\n".join(["", "axe of pages that others made:", *said]))


def test_case_in_every_state_is_looked_at(world):
    assert set(Case.objects.values_list("state", flat=True)) == set(CaseState)
