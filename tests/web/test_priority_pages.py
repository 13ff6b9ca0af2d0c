"""A lead changes priorities on the list and on a case's page, without scripts; nothing typed is lost."""

import re

import pytest
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from tests.disclosure.test_blind import read_by_the_model
from tests.factories import make_case
from tests.pages import flat
from tests.review.test_priority import case, ids, lead, several  # noqa: F401
from triage.models import Case, PriorityChange
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.states import CaseState
from triage.vocabulary import Priority

pytestmark = pytest.mark.usefixtures("storage")
WHY = "Seen at the door"
BULK = "/worklist/priority/"
VIEW = "call=positive"


def post(client, cases, **given):
    body = {"case": cases, "priority": "stat", "reason": WHY, "view": "sort=waiting"}
    return client.post(BULK, body | given, follow=True)


def ticked(page):
    """Ids of the ticked rows."""
    boxes = re.findall(r"<input[^>]*form=\"bulk\"[^>]*>", flat(page))
    return {re.search(r'value="([^"]*)"', box)[1] for box in boxes if " checked" in box}


def test_the_page_says_what_became_of_each(client, several, lead):  # noqa: F811
    client.force_login(lead)
    answer = post(client, ids(several))
    assert (answer.redirect_chain, answer.status_code) == ([], 200)
    page = flat(answer.content.decode())
    assert "Priority Stat: 2 cases changed." in page
    assert "1 case had this priority already." in page
    assert f"Not changed: {several['closed'].heading}. This case is closed: Reviewed." in page
    assert "Not changed: a case that you don't see." in page.replace("&#x27;", "'")
    assert str(several["strange"].pk) not in page and not ticked(page)
    case_page = flat(client.get(reverse("case", args=[several["one"].pk])).content.decode())
    assert f"Stat, before it Routine. {lead}: {WHY}" in case_page


def test_what_is_changed_as_a_whole_leads_back_to_the_list(client, several, lead):  # noqa: F811
    client.force_login(lead)
    answer = post(client, [several["one"].pk], view=VIEW)
    assert answer.redirect_chain == [(f"/?{VIEW}", 302)]
    assert WHY not in answer.content.decode() and not ticked(answer.content.decode())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"priority": ""}, "Choose a priority."),
        ({"priority": "now"}, "Choose a priority."),
        ({"reason": " "}, "Say why the priority is changed."),
        ({"reason": "because " * 80}, "at most 500 are kept"),
        ({"case": []}, "Tick the cases whose priority you want to change."),
        ({"case": ["x"]}, "The list is damaged. Load it again."),
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_kept(client, several, lead, given, says):  # noqa: F811
    client.force_login(lead)
    chosen = [several["one"].pk, several["same"].pk]
    answer = post(client, given.get("case", chosen), **given)
    page = answer.content.decode()
    assert answer.status_code == 400 and says in flat(page) and 'role="alert"' in page
    assert not PriorityChange.objects.exists()
    assert ticked(page) == ({str(pk) for pk in chosen} if "case" not in given else set())
    assert given.get("reason", WHY) in page
    assert ('<option value="stat" selected>' in page) == ("priority" not in given)
    assert answer.context["query"].sort == "waiting"
    assert 'href="?' not in page and 'data-address="/?sort=waiting"' in page  # not of this address


def test_those_that_were_refused_are_still_ticked(client, several, lead, other_site):  # noqa: F811
    """Of a site that they don't lead, but see."""
    Membership.objects.create(user=lead, site=other_site, roles=[Role.CLINICIAN])
    blind = make_case(several["one"].site, several["one"].sender, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(blind)
    lock_first_reading(case=blind, reader=lead, given=GivenOpinion("none"))
    client.force_login(lead)
    answer = post(client, [several["one"].pk, several["strange"].pk, blind.pk])
    page = flat(answer.content.decode())
    assert answer.status_code == 200 and "Priority Stat: 1 case changed." in page
    assert "You have seen what the model says" in page
    assert ticked(page) == {str(blind.pk)} and WHY in page


def test_only_a_lead_ticks_rows(client, people, several, lead):  # noqa: F811
    client.force_login(lead)
    page = client.get("/").content.decode()
    assert page.count('form="bulk"') == 3 and 'id="bulk"' in page  # the open cases of their site
    assert client.get("/worklist/live/").content.decode().count('form="bulk"') == 3
    client.force_login(people.clinician2)
    page = client.get("/").content.decode()
    assert 'form="bulk"' not in page and 'id="bulk"' not in page
    answer = post(client, ids(several))
    assert answer.status_code == 403
    assert "Only a lead changes priorities" in flat(answer.content.decode())
    assert not PriorityChange.objects.exists()


def of_case(client, case, **given):  # noqa: F811
    body = {"priority": "stat", "reason": WHY, "view": VIEW}
    return client.post(reverse("case_priority", args=[case.pk]), body | given, follow=True)


def test_a_case_has_the_form_on_its_page(client, case, lead):  # noqa: F811
    client.force_login(lead)
    address = reverse("case", args=[case.pk])
    page = flat(client.get(address).content.decode())
    assert f'action="{address}priority/"' in page and "<dt>Priority</dt><dd>Routine</dd>" in page
    answer = of_case(client, case)
    assert answer.redirect_chain == [(f"{address}?view=call%3Dpositive", 302)]
    page = flat(answer.content.decode())
    assert "Priority Stat: 1 case changed." in page
    assert f"Stat, before it Routine. {lead}: {WHY}" in page
    assert "<dt>Priority</dt><dd>Stat</dd>" in page
    assert Case.objects.get().priority == Priority.STAT


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"priority": ""}, "Choose a priority."),
        ({"reason": ""}, "Say why the priority is changed."),
        ({"reason": "because " * 80}, "at most 500 are kept"),
    ],
)
def test_the_form_of_a_case_comes_back_with_what_was_typed(client, case, lead, given, says):  # noqa: F811
    client.force_login(lead)
    answer = of_case(client, case, **given)
    page = flat(answer.content.decode())
    assert answer.status_code == 400 and says in page and "<details open>" in page
    assert given.get("reason", WHY) in page
    assert ('<option value="stat" selected>' in page) == ("priority" not in given)
    assert Case.objects.get().priority == Priority.ROUTINE


def test_nobody_else_has_the_form_of_a_case(client, people, case):  # noqa: F811
    client.force_login(people.clinician2)
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "/priority/" not in page and "Change the priority" not in page
    answer = of_case(client, case)
    assert answer.status_code == 403
    assert "Only a lead changes priorities" in flat(answer.content.decode())


def test_a_lead_who_has_seen_the_output_of_a_blind_case_reads_why(client, people, site, lead):  # noqa: F811
    blind = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    read_by_the_model(blind)
    client.force_login(lead)
    address = reverse("case", args=[blind.pk])
    assert "Change the priority" in client.get(address).content.decode()
    lock_first_reading(case=blind, reader=lead, given=GivenOpinion("none"))
    page = flat(client.get(address).content.decode())
    assert "Change the priority" not in page and "Ask another lead." in page
    assert of_case(client, blind).status_code == 403
    assert not PriorityChange.objects.exists()


def test_a_closed_case_has_no_form(client, people, site, lead):  # noqa: F811
    closed = make_case(site, people.clinician, CaseState.REVIEWED)
    client.force_login(lead)
    assert (
        "Change the priority" not in client.get(reverse("case", args=[closed.pk])).content.decode()
    )
    assert of_case(client, closed).status_code == 409
