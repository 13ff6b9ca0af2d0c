"""A signature that is refused keeps what was typed, and never in the place of something newer."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories import make_case
from tests.pages import flat
from triage.review.claims import claim
from triage.review.drafts import draft_of, save_draft

pytestmark = pytest.mark.usefixtures("storage")
NEWER = "Saved in another tab."
TYPED = {"comment": "Typed in this tab.", "draft_version": "", "draft_editor": ""}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def refused(people, client, case):
    """``refused(form)``: the page that answers a signature without an opinion."""
    client.force_login(people.reviewer)

    def send(**form):
        answer = client.post(reverse("case_review", args=[case.pk]), TYPED | form)
        assert answer.status_code in (400, 409)
        return flat(answer.text)

    return send


def save(case, people, **more):
    return save_draft(case=case, reader=people.reviewer, content={"comment": NEWER}, **more)


def written(case, people):
    return draft_of(case, people.reviewer).content["comment"]


def test_what_was_typed_becomes_the_draft(case, people, client, refused):
    assert "data-behind" not in refused()
    assert written(case, people) == TYPED["comment"]


def test_a_newer_draft_of_another_tab_stays_and_both_are_shown(case, people, refused):
    newer = save(case, people)
    page = refused()
    assert written(case, people) == NEWER
    assert "data-behind" in page
    assert re.search(f">{TYPED['comment']}</textarea>", page)
    assert f'<p class="review-comment">{NEWER}</p>' in page.split("<noscript>")[1]
    # Who has seen both and signs once more has chosen.
    assert f'name="draft_version" value="{newer.version}"' in page
    refused(draft_version=str(newer.version))
    assert written(case, people) == TYPED["comment"]


def test_where_the_form_has_gone_both_are_shown_too(case, people, refused):
    claim(case=case, reader=people.clinician2)
    save(case, people)
    page = refused()
    assert written(case, people) == NEWER
    assert f'id="draft-text">{NEWER}<' in page and f">{TYPED['comment']}</p>" in page


def test_a_save_of_the_same_page_that_was_still_on_its_way_is_no_newer_one(case, people, refused):
    editor = uuid4()
    save(case, people, editor=editor)
    assert "data-behind" not in refused(draft_editor=editor.hex)
    assert written(case, people) == TYPED["comment"]


def test_a_signature_leaves_the_words_of_another_tab_to_be_read(case, people, client):
    save(case, people)
    client.force_login(people.reviewer)
    form = {"fracture": "none", "then": "stay", "draft_version": "", "draft_editor": ""}
    page = flat(client.post(reverse("case_review", args=[case.pk]), form, follow=True).text)
    assert f'id="draft-text">{NEWER}<' in page and "What you wrote was not signed" in page
    other = make_case(case.site, people.clinician)
    form["draft_version"] = save(other, people).version
    client.post(reverse("case_review", args=[other.pk]), form)
    assert draft_of(other, people.reviewer) is None


def test_which_draft_a_form_follows_is_no_part_of_what_was_done(case, people, client):
    """A save between two presses of Sign and next makes them no two acts."""
    others = [make_case(case.site, people.clinician) for _ in range(2)]
    client.force_login(people.reviewer)
    form = {"fracture": "none", "then": "next", "once": "one page"}
    places = {
        client.post(reverse("case_review", args=[case.pk]), {**form, "draft_version": uuid4()})[
            "Location"
        ]
        for _ in range(2)
    }
    assert places == {reverse("case", args=[others[0].pk])}
