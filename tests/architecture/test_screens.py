"""Every page has its picture under docs/screens, which `make screens` takes; all of them stay small."""

import pytest

from tests.architecture.test_access import TABLE
from tests.architecture.test_floors import REPOSITORY

pytest.importorskip("playwright.sync_api")

from tests.e2e.screens import README
from tests.e2e.screens_list import LAST, SCREENS

FOLDER = REPOSITORY / "docs" / "screens"
MOST_BYTES = 5_000_000
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


def test_each_picture_is_there_and_no_other():
    names = [screen.name for screen in ALL]
    assert len(set(names)) == len(names)
    expected = {f"{name}.webp" for name in names} | set(README.values())
    assert {path.name for path in FOLDER.iterdir()} == expected


def test_the_pictures_stay_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= MOST_BYTES
