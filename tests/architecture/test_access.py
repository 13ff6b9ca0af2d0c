"""One table of every page: who gets what. An address without a row fails.

The API's own table is in ``tests/api/test_who_may.py``; the Django admin's rules in ``tests/accounts``.
"""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Membership
from tests.factories import make_call_back, make_case, make_critical_result, make_release
from tests.undone import undone
from triage.models import CallBack, CriticalResult, Macro, Prediction, Release, Review
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")

PEOPLE = ("anonymous", "stranger", "clinician", "reviewer", "admin", "service", "staff")

# 302 is a redirect to the sign-in page for the anonymous, and back to the page after an act.
READERS = (302, 404, 200, 200, 404, 200, 404)
ACTS = (302, 404, 302, 302, 404, 302, 404)
ADMINS = (302, 404, 404, 404, 200, 404, 200)
SITE_ADMIN_ONLY = (302, 404, 404, 404, 200, 404, 404)
ADMINS_ACT = (302, 404, 404, 404, 302, 404, 302)
SIGNED_IN = (302, 200, 200, 200, 200, 200, 200)
EVERYBODY = (200,) * 7

DONE = {"outcome": "reached"}
CLOSED = {"outcome": "informed", "review": "of the case"}
READ = {"review": "of the case"}
INTERIM = {"interim_fracture": "none", "treated_as": "soft_tissue"}
SIGN = {"fracture": "none", "comment": "Clear."}

OWNER_ACTS = (302, 404, 404, 302, 404, 404, 404)  # of what the reviewer made

# method, name, what its address is about, body, answers in the order of PEOPLE.
# The case was sent by the clinician.
TABLE = [
    ("GET", "worklist", "", None, SIGNED_IN),
    ("GET", "worklist_live", "", None, SIGNED_IN),
    ("GET", "worklist_find", "", None, SIGNED_IN),
    ("POST", "worklist_find", "", {"text": "ACC"}, SIGNED_IN),
    # No lead, and no case is ticked: the list says why.
    ("POST", "priority_change", "", {"priority": "stat"}, (302, *(400,) * 6)),
    (
        *("POST", "case_priority", "case", {"priority": "stat", "reason": "Gone"}),
        (302, 404, 403, 403, 404, 403, 404),
    ),
    ("POST", "next_case", "", {}, (302,) * 7),
    ("GET", "pictures_ahead", "", None, SIGNED_IN),
    ("POST", "case_begin", "case", {}, (302, 404, 409, 200, 404, 409, 404)),
    ("POST", "case_take_over", "case", {"reason": "Gone"}, ACTS),
    ("POST", "case_end_claim", "case", {"reason": "Gone"}, ACTS),
    ("POST", "case_skip", "case", {}, ACTS),
    ("GET", "upload", "", None, (302, 200, 200, 403, 403, 200, 403)),
    ("POST", "upload", "", {}, (302, 400, 400, 403, 403, 400, 403)),
    ("GET", "case", "case", None, READERS),
    ("GET", "case_arrival", "case", None, READERS),
    ("POST", "case_dismiss", "case", {}, (302, 404, 404, 404, 404, 404, 404)),
    ("GET", "case_head", "case", None, READERS),
    ("GET", "case_model_output", "case", None, READERS),
    ("GET", "case_beside", "case", None, READERS),
    ("POST", "case_claim", "case", {}, ACTS),
    ("POST", "case_renew", "case", {}, (302, 404, 409, 409, 404, 409, 404)),
    ("POST", "case_give_back", "case", {}, ACTS),
    ("POST", "view_save", "", {"name": "Mine"}, (302,) * 7),
    ("POST", "view_delete", "view", {}, (302,) * 7),
    ("GET", "macros", "", None, SIGNED_IN),
    ("POST", "macros", "", {"shortcut": "/nf", "text": "No fracture."}, (302,) * 7),
    ("POST", "macro_change", "macro", {"shortcut": "/nf", "text": "None."}, OWNER_ACTS),
    ("POST", "macro_delete", "macro", {}, (302,) * 7),
    ("GET", "drafts", "", None, SIGNED_IN),
    ("POST", "case_draft_discard", "case", {}, ACTS),
    ("POST", "case_first_reading", "case", SIGN, (302, 404, 403, 409, 404, 403, 404)),
    ("POST", "case_review", "case", SIGN, (302, 404, 403, 302, 404, 403, 404)),
    ("POST", "case_correct", "review", SIGN, (302, 404, 403, 403, 404, 403, 404)),
    ("POST", "case_interim", "case", INTERIM, (302, 404, 302, 403, 404, 403, 404)),
    ("GET", "call_backs", "", None, SIGNED_IN),
    ("GET", "call_back", "call_back", None, READERS),
    ("POST", "call_back_attempt", "call_back", DONE, (302, 404, 302, 403, 404, 403, 404)),
    ("POST", "call_back_close", "call_back", CLOSED, (302, 404, 302, 403, 404, 403, 404)),
    ("GET", "call_back_rules", "site", None, SITE_ADMIN_ONLY),
    ("POST", "call_back_rules", "site", {"x": "y"}, (302, 404, 404, 404, 400, 404, 404)),
    ("GET", "critical_results", "", None, SIGNED_IN),
    ("GET", "critical_result", "critical", None, READERS),
    ("POST", "critical_acknowledge", "critical", READ, (302, 404, 302, 403, 404, 403, 404)),
    ("GET", "critical_rules", "site", None, SITE_ADMIN_ONLY),
    ("POST", "critical_rules", "site", {"x": "y"}, (302, 404, 404, 404, 400, 404, 404)),
    ("GET", "notices", "", None, SIGNED_IN),
    ("POST", "notices", "", {"by_email": "on"}, (302,) * 7),
    ("GET", "case_report", "case", None, READERS),
    ("GET", "case_report_text", "case", None, READERS),
    ("GET", "case_report_pdf", "case", None, READERS),
    ("GET", "sent", "", None, SIGNED_IN),
    ("POST", "sent_seen", "", {}, (302,) * 7),
    ("POST", "case_withdraw", "case", {"reason": "Twice"}, ACTS),
    ("POST", "case_retry", "case", {}, ACTS),
    ("GET", "image", "thumbnail", None, READERS),
    ("GET", "image", "display", None, READERS),
    ("GET", "image", "original", None, READERS),
    ("GET", "activation_map", "prediction", None, READERS),
    ("GET", "waits", "site", None, SITE_ADMIN_ONLY),
    ("GET", "waits_progress", "site", None, SITE_ADMIN_ONLY),
    ("POST", "waits", "site", {"x": "y"}, (302, 404, 404, 404, 400, 404, 404)),
    ("POST", "waits_preview", "site", {"x": "y"}, (302, 404, 404, 404, 200, 404, 404)),
    ("GET", "reading_rules", "site", None, SITE_ADMIN_ONLY),
    ("POST", "reading_rules", "site", {"x": "y"}, (302, 404, 404, 404, 400, 404, 404)),
    ("GET", "points", "site", None, SITE_ADMIN_ONLY),
    ("POST", "points", "site", {"x": "y"}, (302, 404, 404, 404, 400, 404, 404)),
    ("POST", "points_back", "points", {}, (302, 404, 404, 404, 302, 404, 404)),
    ("GET", "people", "site", None, ADMINS),
    ("POST", "people_add", "site", {}, (302, 404, 404, 404, 400, 404, 400)),
    ("POST", "people_change", "member", {"roles": ["reviewer"]}, ADMINS_ACT),
    ("POST", "people_end", "member", {}, ADMINS_ACT),
    ("POST", "people_restore", "member", {}, ADMINS_ACT),
    ("POST", "client_add", "site", {"name": "PACS"}, (302, 404, 404, 404, 201, 404, 201)),
    ("POST", "token_add", "client", {}, (302, 404, 404, 404, 201, 404, 201)),
    ("POST", "token_revoke", "token", {}, ADMINS_ACT),
    ("GET", "account_login", "", None, (200, 302, 302, 302, 302, 302, 302)),
    ("GET", "account_signup", "", None, (200, 302, 302, 302, 302, 302, 302)),
    ("GET", "account_logout", "", None, (302, 200, 200, 200, 200, 200, 200)),
    ("GET", "account_inactive", "", None, EVERYBODY),
    ("GET", "account_reauthenticate", "", None, SIGNED_IN),
    ("GET", "account_change_password", "", None, SIGNED_IN),
    ("GET", "account_set_password", "", None, (302,) * 7),
    ("GET", "account_reset_password", "", None, EVERYBODY),
    ("GET", "account_reset_password_done", "", None, EVERYBODY),
    ("GET", "account_reset_password_from_key", "key", None, EVERYBODY),
    ("GET", "account_reset_password_from_key_done", "", None, EVERYBODY),
    ("GET", "health_live", "", None, EVERYBODY),
    ("GET", "health_ready", "", None, EVERYBODY),
    ("GET", "health_intake", "", None, (503,) * 7),
    ("GET", "health_worker", "", None, (503,) * 7),
    ("GET", "health_outbox", "", None, EVERYBODY),
]


@pytest.fixture
def world(request, site, people):
    """A case of the site in the state that the row needs, and what belongs to it."""
    make_release()
    signed = any(
        name in request.node.name
        for name in ("case_correct", "call_back", "critical", "case_report")
    )
    state = CaseState.REVIEWED if signed else CaseState.PREDICTED
    case = make_case(site, people.clinician, state)
    if signed:
        make_call_back(case)
        make_critical_result(case)
    Macro.objects.create(reader=people.reviewer, shortcut="/old", text="Old.")
    return SimpleNamespace(site=site, case=case, people=people)


def address(name: str, about: str, world: SimpleNamespace) -> str:
    member = Membership.objects.get(user=world.people.clinician2)
    client = Membership.objects.get(user=world.people.service)
    arguments = {
        "": list,
        "case": lambda: [world.case.pk],
        "review": lambda: [world.case.pk, Review.objects.get(case=world.case).pk],
        "call_back": lambda: [CallBack.objects.get(case=world.case).pk],
        "critical": lambda: [CriticalResult.objects.get(case=world.case).pk],
        "prediction": lambda: [Prediction.objects.get(image__case=world.case).pk, "top"],
        "site": lambda: [world.site.slug],
        "points": lambda: [world.site.slug, Release.objects.get().pk, 0],
        "member": lambda: [world.site.slug, member.pk],
        "view": lambda: [world.case.pk],  # an id of nothing of theirs
        "macro": lambda: [Macro.objects.get(shortcut="/old").pk],
        "client": lambda: [world.site.slug, client.pk],
        "token": lambda: [world.site.slug, client.pk, "0123abcd"],
        "key": lambda: ["abc", "wrong-key"],
    }
    if name == "image":
        return reverse(name, args=[world.case.first_image.pk, about])
    return reverse(name, args=arguments[about]())


@pytest.mark.parametrize(
    ("method", "name", "about", "body", "expected"), TABLE, ids=lambda value: str(value)[:20]
)
def test_who_gets_what(world, method, name, about, body, expected):
    """All people in one test: making the world takes ten times as long as asking it."""
    url = address(name, about, world)
    if body and body.get("review") == "of the case":
        body = {**body, "review": str(Review.objects.get(case=world.case).pk)}
    answers = {}
    for who in PEOPLE:
        with undone():
            answers[who] = asked(world, who, method, url, body)
    found = {who: answer.status_code for who, answer in answers.items()}
    assert found == dict(zip(PEOPLE, expected, strict=True))
    if found["anonymous"] == 302 and not name.startswith("account"):
        assert answers["anonymous"]["Location"].startswith(reverse("account_login"))
    for answer in answers.values():
        if answer.status_code == 200:
            assert {"private", "no-store"} & set(answer["Cache-Control"].split(", "))


def asked(world, who, method, url, body):
    client = Client()
    if who != "anonymous":
        client.force_login(getattr(world.people, who))
    answer = client.get(url) if method == "GET" else client.post(url, body)
    b"".join(answer)  # reading a picture to its end closes its file
    return answer


def names(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """Names of every address outside the API and the Django admin."""
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith(("api/", "admin/")):
                found |= names(pattern.url_patterns)
        else:
            found.add(pattern.name or str(pattern.pattern))
    return found


def test_every_address_has_a_row():
    assert names(get_resolver().url_patterns) == {row[1] for row in TABLE}


@pytest.mark.parametrize("row", [row for row in TABLE if row[0] == "POST"], ids=lambda row: row[1])
def test_an_act_needs_the_csrf_token(world, row):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people.clinician)
    assert client.post(address(row[1], row[2], world), row[3]).status_code == 403


# These show their form on GET.
WITH_A_FORM = {
    *("macros", "upload", "waits", "reading_rules", "points", "worklist_find"),
    *("call_back_rules", "critical_rules", "notices"),
}
ACTS_ALONE = [row for row in TABLE if row[0] == "POST" and row[1] not in WITH_A_FORM]


@pytest.mark.parametrize("row", ACTS_ALONE, ids=lambda row: row[1])
def test_an_act_is_never_done_by_a_link(world, row):
    client = Client()
    client.force_login(world.people.admin)
    assert client.get(address(row[1], row[2], world)).status_code == 405
