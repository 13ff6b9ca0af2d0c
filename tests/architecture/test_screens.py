"""Every page has its picture under docs/screens, which `make screens` takes."""

import pytest

from tests.architecture.test_access import TABLE

pytest.importorskip("playwright.sync_api")

from tests.e2e.screens_list import LAST, SCREENS

ALL = (*SCREENS, *LAST)
# Answers that are no page of their own: parts of one, files, and what only sends on.
NO_PAGES = {
    *("worklist_live", "pictures_ahead", "case_model_output", "case_beside", "waits_progress"),
    *("case_arrival", "case_head"),
    *("image", "activation_map", "case_report_text", "case_report_pdf", "account_set_password"),
}


def test_every_page_has_its_picture():
    pages = {name for method, name, *_ in TABLE if method == "GET" and "health" not in name}
    assert pages - NO_PAGES == {screen.page for screen in ALL} - {""}
