"""One table of every address: who gets what. An address without a row fails."""

from itertools import product
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import Membership
from tests.api.conftest import png
from tests.factories import PASSWORD, make_call_back, make_case, make_critical_result
from tests.undone import undone
from triage.api.urls import urlpatterns
from triage.models import CallBack, CriticalResult, Image, Macro, Prediction, Review
from triage.states import CaseState
from triage.vocabulary import FractureClass

pytestmark = pytest.mark.usefixtures("storage")

PEOPLE = ("clinician", "reviewer", "service", "admin", "stranger", "staff", "anonymous")
READERS = dict(zip(PEOPLE, (200, 200, 200, 404, 404, 404, 401), strict=True))
ANYBODY = dict(zip(PEOPLE, (200, 200, 200, 200, 200, 200, 401), strict=True))
EVERYBODY = dict.fromkeys(PEOPLE, 200)


def answers(*codes: int) -> dict[str, int]:
    """Statuses in the order of PEOPLE; the clinician is the case's sender."""
    return dict(zip(PEOPLE, codes, strict=True))


SITE_ADMINS = answers(404, 404, 404, 200, 404, 404, 401)
PEOPLE_ADMINS = answers(404, 404, 404, 200, 404, 200, 401)
REFUSED_TO_ADMINS = {**SITE_ADMINS, "admin": 400}  # an empty table

MACRO = {"shortcut": "/nf", "text": "No fracture."}
STAT = {"priority": "stat", "reason": "Seen"}
STATS = {**STAT, "cases": ["01931c5e-7a10-7d7e-8f10-2b6f3a100f6f"]}
DRAFT = {"content": {"comment": "Clear."}}

MINE = {"password": PASSWORD}
NORA = {"name": "Nora New", "email": "nora@example.org", "roles": ["reviewer"]}
FIRST_LETTERS = "0123abcd"
WAITS = {
    "priorities": [
        {"priority": name, "minutes": minutes, "doubt_minutes": None}
        for name, minutes in (("stat", 30), ("urgent", 60), ("routine", 90))
    ],
    "classes": [
        {"predicted_class": name, "minutes": 20, "minimum_confidence": 0.1}
        for name in FractureClass.values
    ],
}

# method, name of the address, body, answers
TABLE = [
    ("POST", "api_login", {}, dict.fromkeys(PEOPLE, 400)),
    ("POST", "api_logout", {}, answers(204, 204, 204, 204, 204, 204, 401)),
    ("GET", "api_me", None, ANYBODY),
    ("GET", "api_cases", None, ANYBODY),
    ("POST", "api_cases", "case", answers(201, 403, 201, 400, 400, 400, 401)),
    ("GET", "api_case", None, READERS),
    ("POST", "api_case_withdraw", {"reason": "x"}, answers(200, 200, 403, 404, 404, 404, 401)),
    ("POST", "api_case_dismissal", {}, answers(409, 403, 403, 404, 404, 404, 401)),
    ("POST", "api_case_retry", {}, answers(409, 409, 409, 404, 404, 404, 401)),
    ("POST", "api_case_claim", {}, answers(403, 200, 403, 404, 404, 404, 401)),
    ("DELETE", "api_case_claim", {}, answers(409, 409, 409, 404, 404, 404, 401)),
    ("POST", "api_case_renew", {}, answers(409, 409, 409, 404, 404, 404, 401)),
    ("GET", "api_case_position", None, READERS),
    ("GET", "api_case_earlier", None, READERS),
    ("GET", "api_case_priority", None, READERS),
    ("PUT", "api_case_priority", STAT, answers(403, 403, 403, 404, 404, 404, 401)),
    ("PUT", "api_priorities", STATS, ANYBODY),
    ("GET", "api_views", None, ANYBODY),
    ("POST", "api_views", {"name": "Mine"}, answers(201, 201, 201, 201, 201, 201, 401)),
    ("DELETE", "api_view", {}, answers(404, 404, 404, 404, 404, 404, 401)),  # nobody's
    ("GET", "api_macros", None, ANYBODY),
    ("POST", "api_macros", MACRO, answers(201, 201, 201, 201, 201, 201, 401)),
    ("PUT", "api_macro", MACRO, answers(404, 200, 404, 404, 404, 404, 401)),
    ("DELETE", "api_macro", {}, answers(404, 204, 404, 404, 404, 404, 401)),
    ("GET", "api_drafts", None, ANYBODY),
    ("GET", "api_case_draft", None, answers(404, 404, 404, 404, 404, 404, 401)),
    ("PUT", "api_case_draft", DRAFT, answers(403, 200, 403, 404, 404, 404, 401)),
    ("DELETE", "api_case_draft", {}, answers(204, 204, 204, 404, 404, 404, 401)),
    (
        *("POST", "api_case_first_reading", {"opinion": "no_fracture"}),
        answers(403, 409, 403, 404, 404, 404, 401),
    ),
    ("GET", "api_case_reviews", None, READERS),
    (
        *("POST", "api_case_reviews", {"opinion": "no_fracture"}),
        answers(403, 201, 403, 404, 404, 404, 401),
    ),
    (
        *("POST", "api_review_corrections", {"opinion": "no_fracture"}),
        answers(403, 403, 403, 404, 404, 404, 401),
    ),
    ("GET", "api_case_interim_opinions", None, READERS),
    (
        "POST",
        "api_case_interim_opinions",
        {"interim_fracture": "none", "treated_as": "fracture"},
        answers(201, 403, 403, 404, 404, 404, 401),
    ),
    ("GET", "api_call_backs", None, ANYBODY),
    ("GET", "api_call_back", None, READERS),
    (
        "POST",
        "api_call_back_attempts",
        {"outcome": "reached"},
        answers(201, 403, 403, 404, 404, 404, 401),
    ),
    (
        "POST",
        "api_call_back_closing",
        "closing",
        answers(200, 403, 403, 404, 404, 404, 401),
    ),
    ("GET", "api_critical_results", None, ANYBODY),
    ("GET", "api_critical_result", None, READERS),
    (
        "POST",
        "api_critical_acknowledgement",
        "review",
        answers(200, 403, 403, 404, 404, 404, 401),
    ),
    ("GET", "api_case_report", None, READERS),
    ("GET", "api_case_report_pdf", None, READERS),
    ("GET", "api_sent", None, ANYBODY),
    ("GET", "api_sent_new", None, ANYBODY),
    (
        "POST",
        "api_sent_seen",
        {"reviews": ["01926f5e-0000-7000-8000-000000000000"]},
        answers(204, 204, 204, 204, 204, 204, 401),
    ),
    ("GET", "api_my_notices", None, ANYBODY),
    ("PUT", "api_my_notices", {"by_email": False}, ANYBODY),
    ("GET", "api_sent_notices", None, ANYBODY),
    ("GET", "api_image", None, READERS),
    ("GET", "api_image_display", None, READERS),
    ("GET", "api_image_thumbnail", None, READERS),
    ("GET", "api_image_original", None, READERS),
    ("GET", "api_image_rendition", None, READERS),
    ("GET", "api_prediction", None, READERS),
    ("GET", "api_worklist", None, ANYBODY),
    ("POST", "api_next", {}, answers(204, 200, 403, 403, 204, 403, 401)),
    ("GET", "api_next", None, ANYBODY),
    ("GET", "api_previous", None, ANYBODY),
    ("GET", "api_ready_lists", None, ANYBODY),
    (
        *("POST", "api_case_take_over", {"reason": "Gone"}),
        answers(403, 409, 403, 404, 404, 404, 401),
    ),
    (
        *("POST", "api_case_end_claim", {"reason": "Gone"}),
        answers(403, 403, 403, 404, 404, 404, 401),
    ),
    ("POST", "api_case_skip", {}, answers(403, 200, 403, 404, 404, 404, 401)),
    ("POST", "api_find", {"text": "ACC"}, ANYBODY),
    ("GET", "api_waits", None, SITE_ADMINS),
    ("PUT", "api_waits", {}, REFUSED_TO_ADMINS),
    ("POST", "api_waits_preview", WAITS, SITE_ADMINS),
    ("GET", "api_reading_rules", None, SITE_ADMINS),
    ("PUT", "api_reading_rules", {}, REFUSED_TO_ADMINS),
    ("GET", "api_call_back_rules", None, SITE_ADMINS),
    ("PUT", "api_call_back_rules", {}, REFUSED_TO_ADMINS),
    ("GET", "api_critical_rules", None, SITE_ADMINS),
    ("PUT", "api_critical_rules", {}, REFUSED_TO_ADMINS),
    ("GET", "api_points", None, SITE_ADMINS),
    ("PUT", "api_points", {}, REFUSED_TO_ADMINS),
    ("POST", "api_points_back", {}, REFUSED_TO_ADMINS),
    ("GET", "api_points_changes", None, SITE_ADMINS),
    ("GET", "api_people", None, PEOPLE_ADMINS),
    ("POST", "api_people", {**NORA, **MINE}, {**PEOPLE_ADMINS, "admin": 201, "staff": 201}),
    ("GET", "api_people_changes", None, PEOPLE_ADMINS),
    ("PUT", "api_member_roles", {"roles": ["reviewer"], **MINE}, PEOPLE_ADMINS),
    ("POST", "api_member_end", {}, PEOPLE_ADMINS),
    ("POST", "api_member_restore", MINE, PEOPLE_ADMINS),
    ("GET", "api_clients", None, PEOPLE_ADMINS),
    (
        *("POST", "api_clients", {"name": "RIS", **MINE}),
        {**PEOPLE_ADMINS, "admin": 201, "staff": 201},
    ),
    ("POST", "api_client_tokens", MINE, {**PEOPLE_ADMINS, "admin": 201, "staff": 201}),
    ("DELETE", "api_client_token", {}, {**PEOPLE_ADMINS, "admin": 204, "staff": 204}),
    ("GET", "api_models", None, ANYBODY),
    ("GET", "api_schema", None, EVERYBODY),
    ("GET", "api_docs", None, EVERYBODY),
]


SITE_TABLES = {
    *("api_waits", "api_waits_preview", "api_reading_rules"),
    *("api_call_back_rules", "api_critical_rules"),
    *("api_points", "api_points_back", "api_points_changes"),
    *("api_people", "api_people_changes", "api_clients"),
}


def address(name: str, case) -> str:
    """The address of ``name`` for what belongs to ``case``."""
    if name in SITE_TABLES:
        return reverse(name, args=[case.site.slug])
    if name.startswith(("api_client_token", "api_member_")):
        return of_member(name, case.site)
    if "image" in name:
        return reverse(name, args=[Image.objects.get(case=case).pk])
    if "prediction" in name:
        return reverse(name, args=[Prediction.objects.get(image__case=case).pk])
    if name in ("api_critical_result", "api_critical_acknowledgement"):
        return reverse(name, args=[CriticalResult.objects.get(case=case).pk])
    if "call_back" in name and name != "api_call_backs":
        return reverse(name, args=[CallBack.objects.get(case=case).pk])
    if name == "api_view":
        return reverse(name, args=[case.pk])  # an id of nothing of theirs
    if name == "api_macro":
        return reverse(name, args=[Macro.objects.get().pk])
    if "review_" in name:
        return reverse(name, args=[Review.objects.get(case=case).pk])
    return (
        reverse(name, args=[case.pk])
        if "api_case_" in name or name == "api_case"
        else reverse(name)
    )


def of_member(name: str, site) -> str:
    """The address of what is about a person or a program of the site."""
    who = "PACS gateway" if "client" in name else "Carl Clinician"
    member = Membership.objects.get(site=site, user__name=who)
    key = [FIRST_LETTERS] if name == "api_client_token" else []
    return reverse(name, args=[site.slug, member.pk, *key])


@pytest.fixture
def subject(request, site, people):
    """The case that a row is about: signed already where the row corrects a review."""
    signed = any(
        word in request.node.name for word in ("corrections", "call_back", "critical", "report")
    )
    Macro.objects.create(reader=people.reviewer, shortcut="/old", text="Old.")
    if "api_client_token" in request.node.name:
        AuthToken.objects.create(people.service)
        AuthToken.objects.filter(user=people.service).update(token_key=FIRST_LETTERS)
    case = make_case(site, people.clinician, CaseState.REVIEWED if signed else CaseState.PREDICTED)
    if signed:
        make_call_back(case)
        make_critical_result(case)
    return case


@pytest.mark.parametrize(
    ("method", "name", "body", "expected"), TABLE, ids=lambda value: str(value)[:24]
)
def test_who_gets_what(subject, site, people, signed_in, method, name, body, expected):
    """All people in one test, with a slash and without: making the case takes longest."""
    at, found = address(name, subject), {}
    for who, slash in product(PEOPLE, ("", "/")):
        with undone():
            client = Client() if who == "anonymous" else signed_in(getattr(people, who))
            answer = getattr(client, method.lower())(at + slash, **sent(body, subject, site))
            b"".join(answer)  # reading a picture to its end closes its file
        assert found.setdefault(who, answer.status_code) == answer.status_code, slash
        if answer.status_code == 401:
            assert answer["WWW-Authenticate"] == "Token"
        if answer.status_code >= 400:
            assert answer.json()["error"].keys() == {
                "code",
                "message",
                "fields",
                "files",
                "request_id",
            }
    assert found == expected


def sent(body, case, site):
    """What a client sends for ``body`` of the table."""
    if body is None:
        return {}
    if body == "case":
        return {"data": {"site": site.slug, "body_part": "WRIST", "images": png()}}
    if body in ("review", "closing"):
        more = {"outcome": "informed"} if body == "closing" else {}
        body = {"review": str(Review.objects.get(case=case).pk), **more}
    return {"data": body, "content_type": "application/json"}


def test_every_address_has_a_row():
    named = {pattern.name for pattern in urlpatterns if pattern.name}
    assert named == {row[1] for row in TABLE}


@pytest.mark.parametrize("name", sorted({row[1] for row in TABLE if row[3] in (READERS,)}))
def test_what_does_not_exist_is_404_for_a_reader_too(people, signed_in, name, subject):
    case = subject
    client = signed_in(people.reviewer)
    there = address(name, case)
    key = next(part for part in there.split("/") if part.count("-") == 4)
    assert client.get(there.replace(key, str(uuid4()))).status_code == 404
    for wrong in (key.upper()[:-1], "1", "%00", "..%2f"):
        answer = client.get(there.replace(key, wrong))
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"
