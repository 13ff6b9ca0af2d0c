"""Critical results and notices as pages."""

import re

import pytest
from django.urls import reverse

from accounts.roles import Role
from tests.factories import make_case, make_critical_result, make_membership
from tests.pages import flat
from triage.models import CriticalResult
from triage.report.critical_results import acknowledge, notify_due
from triage.report.notice_choice import gets_mail
from triage.report.notices import send_due
from triage.review.critical_table import critical_table
from triage.review.drafts import save_draft
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def waiting(site, people):
    return make_critical_result(make_case(site, people.clinician, CaseState.REVIEWED))


def page_of(client, person, address, **query):
    client.force_login(person)
    return flat(client.get(address, query).content.decode())


def read(result):
    """What the page of the result sends: the opinion that it shows."""
    return {"review": str(result.review_id)}


def test_the_front_page_says_that_one_waits_until_somebody_took_note(waiting, people, client):
    assert "1 critical result waits for your" in page_of(client, people.clinician, "/")
    for who in (people.clinician2, people.reviewer, people.stranger, people.admin):
        assert "critical result" not in page_of(client, who, "/").replace("Critical results", "")
    client.force_login(people.clinician2)
    address = reverse("critical_acknowledge", args=[waiting.pk])
    answer = client.post(address, {**read(waiting), "words": "Theatre informed"}, follow=True)
    assert "Carl Clinician" in flat(answer.content.decode())
    assert "Theatre informed" in flat(answer.content.decode())
    assert "waits for your" not in page_of(client, people.clinician, "/")


def test_the_readers_tick_goes_out_with_the_signature(site, people, client):
    case = make_case(site, people.clinician)
    client.force_login(people.reviewer)
    client.post(reverse("case_review", args=[case.pk]), {"fracture": "none", "critical": "on"})
    assert CriticalResult.objects.get().by_reader


def test_a_tick_outlives_the_page(site, people, client):
    case = make_case(site, people.clinician)
    address = reverse("case", args=[case.pk])
    for content, ticked in (({"comment": "Wait"}, False), ({"critical": ["on"]}, True)):
        save_draft(case=case, reader=people.reviewer, content=content, overwrite=True)
        box = page_of(client, people.reviewer, address).split('name="critical"')[1].split(">")[0]
        assert ("checked" in box) is ticked


def test_the_button_pressed_twice_is_one_acknowledgement(waiting, people, client):
    client.force_login(people.clinician)
    address = reverse("critical_acknowledge", args=[waiting.pk])
    assert [client.post(address, read(waiting)).status_code for _ in range(2)] == [302, 302]
    client.force_login(people.clinician2)
    late = client.post(address, read(waiting))
    assert late.status_code == 409
    assert "Clara Clinician took note of it already." in flat(late.content.decode())


def test_what_was_corrected_while_somebody_read_it_is_not_noted_unseen(site, people, client):
    case = make_case(site, people.clinician)
    dislocated, whole = GivenOpinion("certain", ("fracture_dislocation",)), GivenOpinion("none")
    first = sign(case=case, reader=people.reviewer, given=dislocated)
    result = CriticalResult.objects.get()
    address = reverse("critical_result", args=[result.pk])
    before = page_of(client, people.clinician, address)
    assert f'name="review" value="{first.pk}"' in before and "Fracture dislocation" in before
    corrected = correct(review=first, reader=people.reviewer, given=whole)
    client.force_login(people.clinician)
    post = reverse("critical_acknowledge", args=[result.pk])
    refused = client.post(post, {"review": str(first.pk), "words": "Theatre"})
    page = flat(refused.content.decode())
    assert refused.status_code == 409
    assert "The opinion was corrected since you opened this page." in page
    assert f'value="{corrected.pk}"' in page and 'value="Theatre"' in page
    signed, replaced = page.split("Signed before, and corrected")
    assert "<strong>No fracture" in signed and "<s>Fracture" in replaced
    for wrong in ({}, {"review": "x"}):
        assert client.post(post, wrong).status_code == 400
    assert CriticalResult.objects.get().is_waiting
    assert client.post(post, {"review": str(corrected.pk)}).status_code == 302


def test_its_page_shows_the_opinion_that_was_noted_and_says_that_it_was_corrected(
    waiting, people, client
):
    first = waiting.review
    acknowledge(result=waiting, actor=people.clinician, review_id=first.pk)
    correct(review=first, reader=first.reader, given=GivenOpinion("not_assessable"))
    page = page_of(client, people.clinician, reverse("critical_result", args=[waiting.pk]))
    assert "This opinion was corrected later." in page and "<strong>Not assessable" not in page


def test_its_page_shows_what_was_signed_and_who_was_notified(waiting, people, client):
    notify_due()
    send_due()
    page = page_of(client, people.clinician, reverse("critical_result", args=[waiting.pk]))
    assert "By the site's table" in page.replace("&#x27;", "'")
    log = page.split("Who was notified")[1]
    assert "Clara Clinician" in log and "Sent," in log


def test_the_list_has_what_waits_for_me_first(waiting, people, client):
    address = reverse("critical_results")
    mine = page_of(client, people.clinician, address)
    assert mine.index("For you to") < mine.index(waiting.case.name) < mine.index("For others")
    theirs = page_of(client, people.reviewer, address)
    assert theirs.index("For others") < theirs.index(waiting.case.name)


def test_a_person_turns_their_own_mails_off_and_on(people, client):
    client.force_login(people.clinician)
    client.post(reverse("notices"), {"sent": "1"})
    assert not gets_mail(people.clinician)
    client.post(reverse("notices"), {"by_email": "on"})
    assert gets_mail(people.clinician)


def form_of(**changes):
    rows = {"on_0": "on", "class_0": "spiral", "part_0": "", "class_1": "", "part_1": ""}
    steps = {"role_0": "reviewer", "minutes_0": 5}
    steps |= {f"role_{number}": "" for number in (1, 2, 3)}
    return {**rows, **steps, **changes}


def test_the_admin_edits_the_table(site, people, client):
    client.force_login(people.admin)
    address = reverse("critical_rules", args=[site.slug])
    assert "Fracture dislocation" in client.get(address).content.decode()
    assert client.post(address, form_of()).status_code == 302
    table = critical_table(site.pk)
    assert [rule.fracture_class for rule in table.rules] == ["spiral"]
    assert [(step.role, step.minutes) for step in table.steps] == [("reviewer", 5)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on_1": "on", "class_1": "spiral"}, "Two rows have the same type and body part."),
        ({"minutes_0": ""}, "After how many minutes is the next notified?"),
        ({"role_1": "clinician", "minutes_1": 0}, "greater than or equal to 1"),
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(site, people, client, wrong, said):
    client.force_login(people.admin)
    answer = client.post(reverse("critical_rules", args=[site.slug]), form_of(**wrong))
    assert answer.status_code == 400
    assert said in flat(answer.content.decode())
    assert len(critical_table(site.pk).rules) == 8


def test_the_admin_sees_what_became_of_each_mail_and_nothing_of_the_case(
    waiting, site, people, client
):
    notify_due()
    page = page_of(client, people.admin, reverse("critical_rules", args=[site.slug]))
    log = page.split("The last mails")[1]
    assert "Clara Clinician" in log and "To be sent" in log
    assert waiting.case.accession_number not in page
    assert CriticalResult.objects.get().is_waiting


def test_the_way_back_to_the_case_keeps_the_view(waiting, people, client):
    query = "?view=state%3Dreviewed"
    address = reverse("critical_result", args=[waiting.pk]) + query
    client.force_login(people.clinician)
    page = client.get(address).content.decode()
    assert f'href="{reverse("case", args=[waiting.case_id])}{query}"' in page
    assert '<input type="hidden" name="view" value="state=reviewed">' in page
    form = {**read(waiting), "view": "state=reviewed"}
    answer = client.post(reverse("critical_acknowledge", args=[waiting.pk]), form)
    assert answer["Location"] == address


@pytest.mark.parametrize("sites", [1, 2])
def test_each_page_has_a_name_of_its_own(site, other_site, people, client, sites):
    """In the menu, the title and the heading: what waits, and the rules by which it does."""
    if sites == 2:
        make_membership(people.admin, other_site, Role.ADMIN)
    client.force_login(people.admin)
    lists = {name: reverse(name) for name in ("call_backs", "critical_results")}
    rules = {
        name: reverse(name, args=[site.slug]) for name in ("call_back_rules", "critical_rules")
    }
    front = flat(client.get("/").content.decode())
    names: dict[str, str] = {}
    for address in (lists | rules).values():
        page = flat(client.get(address).content.decode())
        title = re.search(r"<title>(.+?) · Callus</title>", page)[1]
        assert f"<h1>{title}" in page
        for link in re.findall(rf'href="{address}"[^>]*>(.+?)</a>', front):
            assert link.strip().startswith(title), (link, title)
        assert title not in names.values()
        names[address] = title
