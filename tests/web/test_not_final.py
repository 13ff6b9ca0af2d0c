"""An opinion that waits for a third reader is called not final, wherever somebody reads it."""

import pytest
from django.urls import reverse

from tests.factories import make_case, make_critical_result
from tests.pages import flat
from tests.readers import sign_as_shown
from triage.disclosure import shown_to
from triage.models import Case, Review
from triage.review.finality import is_final, signed_in_words
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import correct, sign
from triage.states import CaseState
from triage.vocabulary import Stage

pytestmark = pytest.mark.usefixtures("storage")
NONE, FRACTURE = GivenOpinion("none"), GivenOpinion("certain")
WHY = "It is not final: it differs from what the model is sure of, so a third reader is asked."
REPORT = "Report: to copy, print or save"


@pytest.fixture
def case(site, people):
    """Positive, 83 %: a sure model, by the site's rule."""
    set_reading_rules(site=site, actor=people.admin, blind_percent=0, third_model_percent=80)
    return make_case(site, people.clinician, accession_number="A-4711")


@pytest.fixture
def disputed(case, people):
    sign(case=case, reader=people.reviewer, given=NONE)
    case.refresh_from_db()
    assert case.state == CaseState.THIRD
    return case


def at(case, name="case"):
    return reverse(name, args=[case.pk])


def read(client, person, address, **more):
    client.force_login(person)
    return flat(client.get(address, **more).content.decode())


@pytest.mark.parametrize("then", ["stay", "next"])
def test_who_has_signed_reads_that_it_is_not_final(client, people, case, then):
    client.force_login(people.reviewer)
    signed = {"fracture": "none", "then": then}
    for _pressed in range(2):
        answer = client.post(at(case, "case_review"), signed, follow=True)
        said = flat(answer.content.decode())
        assert f"Signed. {WHY}" in said
        if then == "next":
            assert f'<a href="{at(case)}">A-4711 ({case.short_name}): No fracture</a>' in said


def test_a_final_opinion_is_signed_and_no_more(client, people, site):
    case = make_case(site, people.clinician)
    client.force_login(people.reviewer)
    answer = client.post(at(case, "case_review"), {"fracture": "certain"}, follow=True)
    said = flat(answer.content.decode())
    assert "Signed." in said and "not final" not in said and REPORT in said


@pytest.mark.parametrize("who", ["reviewer", "clinician", "clinician2"])
def test_the_page_shows_it_as_not_final_to_everybody(client, people, disputed, who):
    """Its reader, its sender, and the third reader."""
    shown = read(client, getattr(people, who), at(disputed))
    assert "<h2>Signed, not final</h2>" in shown and "<h2>Signed</h2>" not in shown
    assert shown.count(WHY) == 2  # beside the form of a third reader, and with what was signed
    assert shown.count("<strong>No fracture.</strong>") == shown.count(">not final</span>") == 2
    assert REPORT not in shown and at(disputed, "case_report") not in shown
    sent = "You sent this case, so somebody else is the third reader."
    assert (sent in shown) == (who == "clinician")


def test_after_the_third_reading_one_opinion_is_the_answer(client, people, disputed):
    sign(case=disputed, reader=people.clinician2, given=FRACTURE)
    shown = read(client, people.clinician, at(disputed))
    assert "<h2>Signed</h2>" in shown and REPORT in shown and WHY not in shown
    assert 'No fracture.</strong> <span class="tag soon">not final</span>' in shown
    assert shown.count("not final") == 1


def test_a_locked_first_reading_is_no_answer_either(client, people, site):
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    lock_first_reading(case=case, reader=people.reviewer, given=NONE)
    shown = read(client, people.reviewer, at(case))
    assert "<h2>Signed, not final</h2>" in shown and REPORT not in shown


def test_a_report_says_why_there_is_none(client, people, disputed):
    said = "What was signed is not final: a third reader is asked."
    assert said in read(client, people.clinician, at(disputed, "case_report"))
    answer = client.get(at(disputed, "api_case_report"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_signed")
    assert answer.json()["error"]["message"].startswith(said)


def test_a_critical_result_says_it_of_the_opinion_that_it_waits_for(client, people, disputed):
    result = make_critical_result(disputed)
    shown = read(client, people.clinician, reverse("critical_result", args=[result.pk]))
    assert 'No fracture.</strong> <span class="tag soon">not final</span>' in shown
    assert WHY in shown


def test_rest_says_it_of_each_review(client, people, case, disputed):
    client.force_login(people.clinician2)
    address = at(disputed, "api_case_reviews")
    assert [row["is_final"] for row in client.get(address).json()["results"]] == [False]
    signed = client.post(address, {"fracture": "certain"}, "application/json").json()
    assert (signed["stage"], signed["is_final"]) == ("third", True)
    assert [row["is_final"] for row in client.get(address).json()["results"]] == [False, True]
    shown = client.get(at(disputed, "api_case")).json()
    assert [row["is_final"] for row in shown["reviews"]] == [False, True]


def test_rest_answers_a_signature_that_passes_the_case_on_so(client, people, case):
    client.force_login(people.reviewer)
    address = at(case, "api_case_reviews")
    signed = client.post(address, {"fracture": "none"}, "application/json").json()
    assert (signed["stage"], signed["is_final"]) == ("second_opinion", False)


def test_what_is_hidden_is_not_given_as_the_reason(people, disputed, settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToAnybody"
    (shown,) = shown_to(people.clinician, [disputed])
    assert signed_in_words(shown) == "Signed. It is not final: a third reader is asked."


def test_it_is_the_rule_by_which_opinions_conclude(people, site, disputed):
    """``concluding`` in SQL and ``is_final`` of a row: of each kind of opinion."""

    def agree():
        rows = Review.objects.select_related("case", "superseded_by")
        final = {review for review in rows if is_final(review, review.case)}
        assert final == set(Review.objects.concluding())
        return len(final)

    assert agree() == 0
    third = sign(case=disputed, reader=people.clinician2, given=NONE)
    assert agree() == 1
    correct(review=third, reader=people.clinician2, given=FRACTURE)
    simple = make_case(site, people.clinician, finding={"call": "negative"})
    sign(case=simple, reader=people.reviewer, given=NONE)
    blind = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    lock_first_reading(case=blind, reader=people.reviewer, given=NONE)
    assert agree() == 2
    sign_as_shown(blind, people.reviewer, NONE)
    assert agree() == 3
    assert Review.objects.filter(stage=Stage.FIRST).count() == 1
    assert Case.objects.filter(state=CaseState.REVIEWED).count() == 3
