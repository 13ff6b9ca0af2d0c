"""Whatever happens to a tab: what was typed is on the site, was signed, or is offered on the page."""

import random

import pytest
from django.db import transaction
from playwright.sync_api import Dialog, Request

from tests.e2e.draft_page import DraftPage, let_claims_lapse
from tests.e2e.test_first_light import lose_session, sign_in
from tests.e2e.test_sign_out import sign_out
from tests.processes import wait_until
from triage.models import Draft, Review
from triage.review.claims import lock_case
from triage.review.drafts import Followed
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = [pytest.mark.e2e]
STEPS = 12
DRAFTS = "**/api/v1/cases/*/draft"


class Tab(DraftPage):
    """A tab in which things happen. ``words``: typed anywhere, and not removed by the reader's choice."""

    def __init__(self, draft: DraftPage, seed: int) -> None:
        self.takes(draft)
        self.random = random.Random(seed)
        self.words: set[str] = set()
        self.steps: list[str] = []
        self.is_signed = False
        self.number = 0

    def takes(self, draft: DraftPage) -> None:
        super().__init__(draft.page, draft.web_site, draft.case)
        self.is_cut = self.closing = self.stays = False
        self.pending = 0  # requests that save or ask for the draft
        self.page.on("dialog", self.asked)
        for name, more in (("request", 1), ("requestfinished", -1), ("requestfailed", -1)):
            self.page.on(name, lambda request, more=more: self.counts(request, more))

    def asked(self, dialog: Dialog) -> None:
        """The browser asks before it closes what is in the tab alone: the reader stays."""
        self.stays = self.closing
        if self.closing:
            dialog.dismiss()
        else:
            dialog.accept()

    def counts(self, request: Request, more: int) -> None:
        if request.url.endswith("/draft"):
            self.pending += more

    def settles(self) -> None:
        for _ in range(2):
            self.page.wait_for_timeout(100)
            wait_until(lambda: self.page.wait_for_timeout(50) or self.pending < 1, 10, "an answer")

    def word(self) -> str:
        self.number += 1
        self.words.add(word := f"w{self.number}")
        return word

    @property
    def has_form(self) -> bool:
        return self.comment.count() > 0

    @property
    def offers(self) -> bool:
        return self.has_form and self.choice.is_visible()

    def step(self) -> None:
        acts = [
            self.types,
            self.types,
            self.saves,
            self.saves,
            self.cuts,
            self.reloads,
            self.closes,
        ]
        if not self.is_signed:
            acts += [self.types, self.types, self.other_device, self.other_device, self.is_refused]
        if self.offers:
            acts += [self.looks, self.looks, self.keeps]
        if len(self.steps) > 6 and not self.is_signed:
            acts += [self.signs_elsewhere, self.another_signs]
        act = self.random.choice(acts)
        if len(self.steps) == STEPS // 2:
            act = self.changes_person
        self.steps.append(act.__name__)
        act()

    def types(self) -> None:
        if self.has_form:
            text = self.comment.input_value()
            self.comment.fill(f"{text} {self.word()}".strip())

    def saves(self) -> None:
        """As when the reader looks at another tab; otherwise two seconds after the last key."""
        self.page.evaluate("window.dispatchEvent(new Event('pagehide'))")
        self.page.wait_for_timeout(self.random.choice([0, 300]))

    def cuts(self) -> None:
        self.is_cut = not self.is_cut
        if self.is_cut:
            self.page.route(DRAFTS, lambda route: route.abort())
        else:
            self.page.unroute(DRAFTS)

    def reloads(self) -> None:
        self.open()
        self.page.wait_for_timeout(self.random.choice([0, 300]))

    def closes(self) -> None:
        self.saves()
        self.settles()
        self.page.locator("#side h2").first.click()  # who never touched a page isn't asked
        self.closing, self.stays = True, False
        next_tab = self.page.context.new_page()
        self.page.close(run_before_unload=True)
        while not (self.stays or self.page.is_closed()):
            next_tab.wait_for_timeout(50)
        self.closing = False
        if self.stays:
            next_tab.close()
        else:
            self.takes(DraftPage(next_tab, self.web_site, self.case))
            self.open()

    def other_device(self) -> None:
        self.save_elsewhere(f"{self.on_site} {self.word()}".strip())

    def looks(self) -> None:
        self.page.locator("[data-draft-other]").click()

    def keeps(self) -> None:
        offered = {word for text in self.texts() for word in text.split()}
        self.words -= offered - set(self.comment.input_value().split())
        self.page.locator("[data-draft-this]").click()

    def is_refused(self) -> None:
        """No answer was chosen."""
        self.press("Sign")
        self.page.wait_for_load_state()

    def signs_elsewhere(self) -> None:
        """On a page that has what the site has, or on an old one that never saw it."""
        is_old = self.random.choice([False, True])
        comment = self.word() if is_old else self.on_site
        followed = Followed(None, None) if is_old else None
        given = GivenOpinion("none", comment=comment)
        reader = self.web_site.people.reviewer
        sign(case=self.case, reader=reader, given=given, followed=followed)
        self.is_signed = True

    def another_signs(self) -> None:
        with transaction.atomic():
            lock_case(self.case)  # or the page renews the claim meanwhile
            let_claims_lapse()
            other = self.web_site.people.clinician2
            sign(case=self.case, reader=other, given=GivenOpinion("none"))
        self.is_signed = True

    def changes_person(self) -> None:
        """The session ends, and another reader has this tab for a while."""
        self.settles()
        if self.random.choice([True, False]):
            self.signs_out()
        people = self.web_site.people
        for person in (people.clinician2, people.reviewer):
            lose_session(self.page)
            self.page.goto(f"{self.web_site.url}/accounts/login/")
            sign_in(self.page, self.web_site.url, person.email)
            self.open()
            self.settles()
            if person != people.reviewer:
                assert "".join(self.texts()) == "", self.steps
        assert not Draft.objects.exclude(reader=people.reviewer).exists(), self.steps

    def signs_out(self) -> None:
        """Who presses once more has chosen that what the site lacks is removed."""
        told = self.page.locator("[data-sign-out]").get_by_role("alert")
        sign_out(self)
        wait_until(lambda: self.page.wait_for_timeout(50) or self.is_out or told.count(), 20, "")
        if not self.is_out:
            self.page.wait_for_timeout(1000)
            self.words &= self.on_the_site()
            sign_out(self)
            self.page.wait_for_url("**/accounts/login/**")

    @property
    def is_out(self) -> bool:
        return "/accounts/login/" in self.page.url

    def texts(self) -> list[str]:
        """What the page has, in its form or to be read."""
        texts = self.kept.all_inner_texts()
        if self.has_form:
            texts.append(self.comment.input_value())
        for _ in range(8):
            if self.offers and (self.looks() or self.comment.input_value()) not in texts:
                texts.append(self.comment.input_value())
        return texts

    def on_the_site(self) -> set[str]:
        comments = Review.objects.filter(case=self.case).values_list("comment", flat=True)
        return {word for text in [self.on_site, *comments] for word in text.split()}

    def found(self) -> set[str]:
        return self.on_the_site() | {word for text in self.texts() for word in text.split()}


SHORT = [1, 3, 6]  # each of them lost text while a tab kept one alone
WHOLE = [pytest.param(seed, marks=pytest.mark.whole) for seed in range(40) if seed not in SHORT]


@pytest.mark.parametrize("seed", [*SHORT, *WHOLE])
def test_no_text_is_lost(drafting, seed):
    tab = Tab(drafting(), seed)
    for _ in range(STEPS):
        tab.step()
    if tab.is_cut:
        tab.cuts()
    tab.reloads()
    tab.settles()
    assert tab.words - tab.found() == set(), tab.steps
