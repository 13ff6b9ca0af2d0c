"""What comes back with a refusal stands in the form that was sent, and in no other one."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.models import Case, Draft, Review
from triage.review.drafts import save_draft
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import correct, sign
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")
NONE = GivenOpinion("none", comment="Clear.")
BETTER = GivenOpinion("certain", displaced=True, comment="A step.")


@pytest.fixture
def reader(client, people):
    client.force_login(people.reviewer)
    return client


@pytest.fixture
def case(site, people) -> Case:
    return make_case(site, people.clinician)


def form_of(text: str) -> str:
    """The page's one form of an opinion."""
    (form,) = re.findall(r'<form method="post" class="review-form".*?</form>', text, re.S)
    return form


def comment_in(form: str) -> str:
    (comment,) = re.findall(r'name="comment"[^>]*>([^<]*)<', form)
    return comment


def test_a_correction_that_is_late_fills_not_that_of_the_newer_one(reader, people, case):
    first = sign(case=case, reader=people.reviewer, given=NONE)
    newer = correct(review=first, reader=people.reviewer, given=BETTER, critical=True)
    sent = {"fracture": "none", "comment": "Of another tab."}
    answer = reader.post(reverse("case_correct", args=[case.pk, first.pk]), sent)
    assert answer.status_code == 409
    form = form_of(answer.text)
    assert reverse("case_correct", args=[case.pk, newer.pk]) in form
    assert comment_in(form) == "A step."
    assert re.search(r'name="critical"\s+checked', form)
    assert "data-behind" not in form
    assert "Of another tab." in answer.text  # to be read and copied


def test_an_opinion_that_is_late_fills_no_correction(reader, people, case):
    sign(case=case, reader=people.reviewer, given=NONE)
    sent = {"fracture": "certain", "comment": "Of another tab."}
    answer = reader.post(reverse("case_review", args=[case.pk]), sent)
    assert answer.status_code == 409
    form = form_of(answer.text)
    assert (comment_in(form), "data-behind" in form) == ("Clear.", False)
    assert "Of another tab." in answer.text
    assert not Draft.objects.exists()


def test_a_correction_that_is_refused_comes_back_in_its_form(reader, people, case):
    first = sign(case=case, reader=people.reviewer, given=NONE)
    sent = {"comment": "Without an answer.", "critical": "on"}
    answer = reader.post(reverse("case_correct", args=[case.pk, first.pk]), sent)
    assert answer.status_code == 400
    form = form_of(answer.text)
    assert comment_in(form) == "Without an answer."
    assert re.search(r'name="critical"\s+checked', form)
    assert "data-unread" not in form


@pytest.fixture
def disputed(site, people, case) -> Case:
    set_reading_rules(site=site, actor=people.admin, blind_percent=0, third_model_percent=80)
    draft = {"fracture": "possible", "comment": "Before."}
    save_draft(case=case, reader=people.clinician2, content=draft)
    sign(case=case, reader=people.reviewer, given=NONE)
    case.refresh_from_db()
    assert case.state == CaseState.THIRD
    return case


def test_a_draft_of_the_second_opinion_answers_no_third(client, people, disputed):
    client.force_login(people.clinician2)
    form = form_of(client.get(reverse("case", args=[disputed.pk])).text)
    assert comment_in(form) == "Before."
    assert not re.search(r'name="fracture"[^>]*checked', form)
    assert "Answer again" in form
    after = {"fracture": "possible", "comment": "After."}
    save_draft(case=disputed, reader=people.clinician2, content=after, overwrite=True)
    form = form_of(client.get(reverse("case", args=[disputed.pk])).text)
    assert re.search(r'name="fracture" value="possible"\s+checked', form)


def test_a_signed_text_is_taken_by_the_site_while_a_third_reader_is_asked(people, disputed):
    """A tab that lets go of what is signed asks so; else signing out would warn of it."""
    said = {"fracture": "none", "comment": "Clear."}
    assert save_draft(case=disputed, reader=people.reviewer, content=said, editor=uuid4()) is None
    assert Review.objects.count() == 1
