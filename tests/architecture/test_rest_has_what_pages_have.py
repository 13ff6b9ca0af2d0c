"""The API has everything that a page has: a page without its counterpart, or without a reason, fails.

``docs/api.md`` gives the reasons to whoever writes a client.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponseNotAllowed
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.test_floors import REPOSITORY
from triage.api.urls import urlpatterns

# Why something stays a page alone. Each stands in the document word for word.
IN_A_BROWSER = "A person proves in a browser who they are"
OF_ITS_OWN = "Programs use the same address"
REASONS = {IN_A_BROWSER, OF_ITS_OWN}

# "METHOD name of a page" → what a client calls instead, or one of the reasons.
COUNTERPARTS: dict[str, tuple[str, ...] | str] = {
    "GET worklist": ("GET api_worklist", "GET api_ready_lists", "GET api_views"),
    "GET worklist_live": ("GET api_worklist",),
    "GET worklist_find": ("POST api_find",),
    "POST worklist_find": ("POST api_find",),
    "POST priority_change": ("PUT api_priorities",),
    "POST case_priority": ("PUT api_case_priority",),
    "POST next_case": ("POST api_next",),
    "GET pictures_ahead": ("GET api_next",),
    "GET upload": ("GET api_me", "GET api_cases"),
    "POST upload": ("POST api_cases",),
    "GET case": (
        *("GET api_case", "GET api_case_reviews", "GET api_case_priority", "GET api_case_draft"),
        *("GET api_case_position", "GET api_case_earlier", "GET api_previous"),
        *("GET api_case_interim_opinions", "GET api_image", "GET api_prediction"),
    ),
    "GET case_arrival": ("GET api_case",),
    "POST case_dismiss": ("POST api_case_dismissal",),
    "GET case_head": ("GET api_case",),
    "GET case_model_output": ("GET api_prediction",),
    "GET case_beside": ("GET api_case_earlier", "GET api_image_rendition"),
    "POST case_claim": ("POST api_case_claim",),
    "POST case_begin": ("POST api_case_claim",),
    "POST case_take_over": ("POST api_case_take_over",),
    "POST case_end_claim": ("POST api_case_end_claim",),
    "POST case_skip": ("POST api_case_skip",),
    "POST case_renew": ("POST api_case_renew", "PUT api_case_draft"),
    "POST case_give_back": ("DELETE api_case_claim",),
    "POST view_save": ("POST api_views",),
    "POST view_delete": ("DELETE api_view",),
    "GET macros": ("GET api_macros",),
    "POST macros": ("POST api_macros",),
    "POST macro_change": ("PUT api_macro",),
    "POST macro_delete": ("DELETE api_macro",),
    "GET drafts": ("GET api_drafts",),
    "POST case_draft_discard": ("DELETE api_case_draft",),
    "POST case_first_reading": ("POST api_case_first_reading",),
    "POST case_review": ("POST api_case_reviews", "POST api_next"),
    "POST case_correct": ("POST api_review_corrections",),
    "POST case_interim": ("POST api_case_interim_opinions",),
    "GET case_report": ("GET api_case_report",),
    "GET case_report_text": ("GET api_case_report",),
    "GET case_report_pdf": ("GET api_case_report_pdf",),
    "POST case_withdraw": ("POST api_case_withdraw",),
    "POST case_retry": ("POST api_case_retry",),
    "GET call_backs": ("GET api_call_backs",),
    "GET call_back": ("GET api_call_back",),
    "POST call_back_attempt": ("POST api_call_back_attempts",),
    "POST call_back_close": ("POST api_call_back_closing",),
    "GET call_back_rules": ("GET api_call_back_rules",),
    "POST call_back_rules": ("PUT api_call_back_rules",),
    "GET critical_results": ("GET api_critical_results",),
    "GET critical_result": ("GET api_critical_result",),
    "POST critical_acknowledge": ("POST api_critical_acknowledgement",),
    "GET critical_rules": ("GET api_critical_rules",),
    "POST critical_rules": ("PUT api_critical_rules",),
    "GET sent": ("GET api_sent", "GET api_sent_new"),
    "POST sent_seen": ("POST api_sent_seen",),
    "GET notices": ("GET api_my_notices", "GET api_sent_notices"),
    "POST notices": ("PUT api_my_notices",),
    "GET image": (
        *("GET api_image_display", "GET api_image_thumbnail"),
        *("GET api_image_original", "GET api_image_rendition"),
    ),
    "GET activation_map": ("GET api_prediction",),
    "GET waits": ("GET api_waits",),
    "POST waits": ("PUT api_waits",),
    "POST waits_preview": ("POST api_waits_preview",),
    "GET waits_progress": ("GET api_waits",),
    "GET reading_rules": ("GET api_reading_rules",),
    "POST reading_rules": ("PUT api_reading_rules",),
    "GET points": ("GET api_points", "GET api_points_changes"),
    "POST points": ("PUT api_points",),
    "POST points_back": ("POST api_points_back",),
    "GET people": ("GET api_people", "GET api_clients", "GET api_people_changes"),
    "POST people_add": ("POST api_people",),
    "POST people_change": ("PUT api_member_roles",),
    "POST people_end": ("POST api_member_end",),
    "POST people_restore": ("POST api_member_restore",),
    "POST client_add": ("POST api_clients",),
    "POST token_add": ("POST api_client_tokens",),
    "POST token_revoke": ("DELETE api_client_token",),
    "GET health_live": OF_ITS_OWN,
    "GET health_ready": OF_ITS_OWN,
    "GET health_intake": OF_ITS_OWN,
    "GET health_worker": OF_ITS_OWN,
    "GET health_outbox": OF_ITS_OWN,
}
# Pages of the library that signs people in. REST has ``api_login`` and ``api_logout`` for the first two.
LIBRARY = {
    "account_login": ("POST api_login",),
    "account_logout": ("POST api_logout",),
    "account_signup": IN_A_BROWSER,
    "account_inactive": IN_A_BROWSER,
    "account_reauthenticate": IN_A_BROWSER,
    "account_change_password": IN_A_BROWSER,
    "account_set_password": IN_A_BROWSER,
    "account_reset_password": IN_A_BROWSER,
    "account_reset_password_done": IN_A_BROWSER,
    "account_reset_password_from_key": IN_A_BROWSER,
    "account_reset_password_from_key_done": IN_A_BROWSER,
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def pages(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """(name, view) of every address outside the API and the Django admin."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith(("api/", "admin/")):
                yield from pages(pattern.url_patterns)
        else:
            yield pattern.name or str(pattern.pattern), pattern.callback


def methods(view: Callable[..., Any]) -> set[str]:
    """The methods that the view says it takes. It is asked with one that no page takes, and does nothing."""
    answer = view(RequestFactory().patch("/"))
    assert isinstance(answer, HttpResponseNotAllowed), f"{view} does not say which methods it takes"
    return set(answer["Allow"].split(", ")) - {"HEAD"}


OURS = {name: view for name, view in pages(get_resolver().url_patterns) if name not in LIBRARY}
REST = {
    f"{method.upper()} {pattern.name}"
    for pattern in urlpatterns
    if pattern.name
    for method in ("get", "post", "put", "delete")
    if hasattr(pattern.callback.view_class, method)
}


def without_a_row(views: dict[str, Callable[..., Any]]) -> set[str]:
    found = {f"{method} {name}" for name, view in views.items() for method in methods(view)}
    return found - COUNTERPARTS.keys()


def test_each_act_and_each_page_has_its_row():
    assert without_a_row(OURS) == set()


def test_each_row_is_of_a_page():
    found = {f"{method} {name}" for name, view in OURS.items() for method in methods(view)}
    assert COUNTERPARTS.keys() - found == set()
    assert LIBRARY.keys() <= {name for name, _view in pages(get_resolver().url_patterns)}


ROWS = sorted((COUNTERPARTS | LIBRARY).items())


@pytest.mark.parametrize(("page", "counterparts"), ROWS, ids=[page for page, _ in ROWS])
def test_a_counterpart_is_there_and_acts_where_the_page_acts(page, counterparts):
    if isinstance(counterparts, str):
        assert counterparts in REASONS
        return
    assert counterparts and set(counterparts) <= REST
    if page.startswith("POST"):
        assert any(each.split()[0] not in SAFE for each in counterparts)


def test_the_document_gives_each_reason():
    document = (REPOSITORY / "docs" / "api.md").read_text()
    used = {reason for _page, reason in ROWS if isinstance(reason, str)}
    assert {reason for reason in used if reason not in document} == set()


def test_the_rule_sees_a_new_act():
    """A page that takes another method, and a page that is new."""
    view = OURS["case_withdraw"]
    assert without_a_row({"case_withdraw": view, "sent": view, "new": view}) == {
        *("POST new", "POST sent")
    }
