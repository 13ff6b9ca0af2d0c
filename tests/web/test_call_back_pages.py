"""Interim opinions and call-backs as pages: without a script, from the record to the outcome."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from tests.factories import make_case
from tests.pages import flat
from triage.models import CallBack, InterimOpinion
from triage.models.call_back import CallBackReason
from triage.review.call_back_table import call_back_table
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

pytestmark = pytest.mark.usefixtures("storage")

GIVEN = {"interim_fracture": "none", "treated_as": "soft_tissue", "note": "Bandage, sent home."}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def missed(case, people):
    record_interim_opinion(case=case, author=people.clinician, **GIVEN)
    sign(case=case, reader=people.reviewer, given=GivenOpinion("certain", ("spiral",)))
    return CallBack.objects.get()


def read(call_back):
    """What the page of the call-back sends: the opinion that it shows."""
    return {"review": str(call_back.review_id)}


def signed_in(client, person):
    client.force_login(person)
    return client


def text(answer):
    return flat(answer.content.decode())


def test_the_sender_is_asked_and_what_they_say_stands_on_the_page(case, people, client):
    signed_in(client, people.clinician)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "<details open>" in page.split('id="interim"')[1]
    answer = client.post(reverse("case_interim", args=[case.pk]), GIVEN, follow=True)
    assert "Recorded." in text(answer)
    assert "Bandage, sent home." in text(answer)
    assert "treated as: a sprain or bruise" in text(answer)


def test_a_refused_one_comes_back_as_it_was_typed(case, people, client):
    signed_in(client, people.clinician)
    given = {**GIVEN, "treated_as": "", "note": "Sling"}
    answer = client.post(reverse("case_interim", args=[case.pk]), given)
    assert answer.status_code == 400
    assert "Say what the patient was treated as." in text(answer)
    assert ">Sling</textarea>" in text(answer)
    assert not InterimOpinion.objects.exists()


def test_a_reader_sees_it_and_is_asked_nothing(case, people, client):
    record_interim_opinion(case=case, author=people.clinician, **GIVEN)
    page = signed_in(client, people.reviewer).get(reverse("case", args=[case.pk]))
    assert "Bandage, sent home." in text(page)
    assert reverse("case_interim", args=[case.pk]) not in text(page)


def test_a_reader_from_whom_the_model_is_hidden_sees_none(case, people, client, settings):
    record_interim_opinion(case=case, author=people.clinician, **GIVEN)
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    page = signed_in(client, people.reviewer).get(reverse("case", args=[case.pk]))
    assert "Bandage" not in text(page)
    assert "What the clinic thought" not in text(page)


def test_the_front_page_says_whom_to_call_back_until_it_is_done(missed, people, client):
    front = text(signed_in(client, people.clinician).get(reverse("worklist")))
    assert "1 patient must be called back" in front
    assert reverse("call_backs") in front
    client.post(
        reverse("call_back_close", args=[missed.pk]), {"outcome": "comes_back", **read(missed)}
    )
    assert "called back" not in text(client.get(reverse("worklist")))


def test_the_front_page_of_others_says_nothing(missed, people, client):
    for who in (people.clinician2, people.reviewer, people.stranger, people.admin):
        front = text(signed_in(client, who).get(reverse("worklist")))
        assert "called back" not in front


def test_the_list_shows_what_waits_for_me_first_and_what_was_closed(missed, people, client):
    mine = text(signed_in(client, people.clinician).get(reverse("call_backs")))
    assert mine.index("For you to act") < mine.index("Fracture missed") < mine.index("For others")
    theirs = text(signed_in(client, people.reviewer).get(reverse("call_backs")))
    assert theirs.index("For others") < theirs.index("Fracture missed")
    signed_in(client, people.clinician)
    client.post(
        reverse("call_back_close", args=[missed.pk]), {"outcome": "informed", **read(missed)}
    )
    assert "Fracture missed" not in text(client.get(reverse("call_backs")))
    assert "Fracture missed" in text(client.get(reverse("call_backs"), {"closed": 1}))


def test_attempts_and_the_end_are_recorded_on_its_page(missed, people, client):
    signed_in(client, people.clinician)
    attempt = {"outcome": "wrong_number", "words": "Rang somebody else"}
    page = client.post(reverse("call_back_attempt", args=[missed.pk]), attempt, follow=True)
    assert "Wrong number" in text(page) and "Rang somebody else" in text(page)
    page = client.post(
        reverse("call_back_close", args=[missed.pk]), {"words": "No outcome", **read(missed)}
    )
    assert page.status_code == 400
    assert "closed with an outcome only" in text(page)
    assert 'value="No outcome"' in text(page)
    end = {"outcome": "comes_back", "words": "Tomorrow at nine", **read(missed)}
    page = client.post(reverse("call_back_close", args=[missed.pk]), end, follow=True)
    assert "Tomorrow at nine" in text(page)
    assert reverse("call_back_attempt", args=[missed.pk]) not in text(page)


def test_a_reader_from_whom_it_is_hidden_does_not_learn_what_was_signed(
    missed, people, client, settings
):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    signed_in(client, people.reviewer)
    for address in (reverse("call_backs"), reverse("call_back", args=[missed.pk])):
        page = text(client.get(address)).split("<dialog")[0]  # the help names every type
        assert "The signed opinion differs" in page
        for said in ("Fracture missed", "Spiral", "Bandage"):
            assert said not in page


def test_the_admin_edits_the_table(site, people, client):
    signed_in(client, people.admin)
    address = reverse("call_back_rules", args=[site.slug])
    assert "Dislocation missed" in text(client.get(address))
    form = {f"owner_{reason}": "clinician" for reason in CallBackReason.values}
    form |= {f"minutes_{reason}": 45 for reason in CallBackReason.values}
    assert "Saved." in text(client.post(address, form | {"on_fracture_missed": "on"}, follow=True))
    table = call_back_table(site.pk)
    assert [reason for reason, rule in table.items() if rule.is_on] == ["fracture_missed"]
    assert {(rule.owner, rule.minutes) for rule in table.values()} == {("clinician", 45)}


def test_a_case_page_leads_to_its_open_call_back(missed, people, client):
    page = text(signed_in(client, people.reviewer).get(reverse("case", args=[missed.case_id])))
    assert reverse("call_back", args=[missed.pk]) in page


def once_of(page, name):
    """What the form ``name`` of the page sends along."""
    form = page.split(f'id="{name}-outcome"')[0].rsplit("<form", 1)[1]
    return {"once": form.split('name="once" value="')[1].split('"')[0]}


def test_a_button_pressed_twice_records_one_attempt_and_closes_once(missed, people, client):
    address = reverse("call_back", args=[missed.pk])
    page = signed_in(client, people.clinician).get(address).content.decode()
    attempt = {"outcome": "not_reached", "words": "No answer"} | once_of(page, "attempt")
    for _ in range(2):
        answer = client.post(reverse("call_back_attempt", args=[missed.pk]), attempt, follow=True)
        assert "The attempt is recorded." in text(answer)
    assert missed.attempts.count() == 1
    again = client.get(address).content.decode()
    client.post(reverse("call_back_attempt", args=[missed.pk]), attempt | once_of(again, "attempt"))
    assert missed.attempts.count() == 2, "The page came anew, so they rang again."
    end = {"outcome": "informed", **read(missed)} | once_of(again, "close")
    for _ in range(2):
        answer = client.post(reverse("call_back_close", args=[missed.pk]), end, follow=True)
        assert "The call-back is closed." in text(answer)
    assert AuditEntry.objects.filter(verb="callback.closed").count() == 1


def test_its_page_shows_the_correction_and_closes_with_it_alone(missed, people, client):
    corrected = correct(review=missed.review, reader=people.reviewer, given=GivenOpinion("none"))
    signed_in(client, people.clinician)
    close = reverse("call_back_close", args=[missed.pk])
    refused = client.post(close, {"outcome": "informed", **read(missed)})
    assert refused.status_code == 409
    page = text(refused)
    assert "The opinion was corrected since you opened this page." in page
    assert "<strong>No fracture" in page and "<s>Fracture" in page
    assert "it no longer differs from what the clinic thought" in page
    assert f'name="review" value="{corrected.pk}"' in page
    assert client.post(close, {"outcome": "informed"}).status_code == 400
    assert client.post(close, {"outcome": "informed", "review": corrected.pk}).status_code == 302


def test_the_way_back_to_the_case_keeps_the_view(missed, case, people, client):
    """From the case to its call-back, through each act, and back to the list that was being read."""
    signed_in(client, people.clinician)
    query = "?view=state%3Dreviewed"
    of_case = reverse("case", args=[case.pk]) + query
    of_call_back = reverse("call_back", args=[missed.pk]) + query
    assert f'href="{of_call_back}"' in client.get(of_case).content.decode()
    page = client.get(of_call_back).content.decode()
    assert f'href="{of_case}"' in page
    assert page.count('<input type="hidden" name="view" value="state=reviewed">') == 2
    for name, outcome in (("call_back_attempt", "reached"), ("call_back_close", "informed")):
        form = {**read(missed), "outcome": outcome, "view": "state=reviewed"}
        answer = client.post(reverse(name, args=[missed.pk]), form)
        assert answer["Location"] == of_call_back
