"""The page of a case on which an opinion is written: what the form holds, and what the site has."""

import re
from types import SimpleNamespace
from typing import Self

from django.db.models.functions import Now
from playwright.sync_api import Page, expect

from tests.e2e.test_first_light import sign_in
from tests.processes import wait_until
from triage.models import Case, Reading
from triage.review.drafts import draft_of, save_draft

SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")
HEIGHTS = {1440: 720, 390: 844}


class DraftPage:
    def __init__(self, page: Page, web_site: SimpleNamespace, case: Case) -> None:
        self.page, self.web_site, self.case = page, web_site, case
        self.comment = page.locator("#review-form [name=comment]")
        self.state = page.locator("[data-draft-state]")
        self.trouble = page.locator("[data-draft-trouble]")
        self.choice = page.locator("[data-draft-choice]")
        self.kept = page.locator(".draft-kept")

    def open(self, width: int | None = None) -> Self:
        if width:
            self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        self.page.goto(f"{self.web_site.url}/cases/{self.case.pk}/")
        return self

    def sign_in(self) -> Self:
        sign_in(self.page, self.web_site.url, self.web_site.people.reviewer.email)
        return self

    def another_tab(self) -> Self:
        return type(self)(self.page.context.new_page(), self.web_site, self.case)

    def write(self, text: str, *, is_saved: bool = True) -> None:
        self.comment.fill(text)
        if is_saved:
            wait_until(lambda: self.on_site == text, 10, "the save")
            expect(self.state).to_have_text(SAVED)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def on_site(self) -> str:
        draft = draft_of(self.case, self.web_site.people.reviewer)
        return draft.content.get("comment", "") if draft else ""

    def save_elsewhere(self, text: str) -> None:
        """As another device, which has seen what the site has."""
        reader = self.web_site.people.reviewer
        save_draft(case=self.case, reader=reader, content={"comment": text}, overwrite=True)


def let_claims_lapse() -> None:
    """Who began to write holds the case: others have it once the claim has run out."""
    Reading.objects.going_on().update(claimed_until=Now())
