"""What the sender thinks and did may be sent along with the case: recorded with its decision."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from tests.api.conftest import png
from tests.pages import flat
from triage.models import Case, InterimOpinion
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")

SAID = {"interim_fracture": "none", "treated_as": "soft_tissue", "interim_note": "Bandage."}


def send(client, **fields):
    form = {"site": "north", "body_part": "WRIST", "images": [png()]}
    return client.post(reverse("api_cases"), form | fields)


def test_rest_takes_it_with_the_case(site, people, signed_in):
    answer = send(signed_in(people.clinician), **SAID)
    assert answer.status_code == 201, answer.content
    interim, case = InterimOpinion.objects.get(), Case.objects.get()
    assert (interim.case, interim.author) == (case, people.clinician)
    assert (interim.interim_fracture, interim.treated_as) == ("none", "soft_tissue")
    assert (interim.note, interim.recorded_at) == ("Bandage.", case.received_at)
    assert case.interim_given is None
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs.index("case.received") < verbs.index("interim.recorded")
    assert "Bandage" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"treated_as": ""}, "Say what the patient was treated as."),
        ({"interim_fracture": ""}, "Say whether you see a fracture."),
        ({"treated_as": "other", "interim_note": ""}, "Say in words what the patient"),
        ({"interim_note": "x" * 501}, "500"),
        ({"treated_as": "plaster"}, "plaster"),
    ],
)
def test_what_does_not_hold_together_stores_no_case(site, people, signed_in, wrong, said):
    answer = send(signed_in(people.clinician), **{**SAID, **wrong})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Case.objects.exists() and not InterimOpinion.objects.exists()


def test_a_refused_case_keeps_nothing_of_it(site, people, signed_in):
    answer = send(signed_in(people.clinician), **SAID, body_part="", images=[png()])
    assert answer.status_code == 400
    case = Case.objects.get(state=CaseState.REFUSED)
    assert case.interim_given is None and not InterimOpinion.objects.exists()


def two():
    return {"images": [png(), png("two.png", 1)]}


def test_without_scripts_the_form_takes_it_for_one_case(site, people, client):
    client.force_login(people.clinician)
    form = {"site": "north", "body_part": "WRIST", **SAID}
    refused = client.post("/cases/new/", form | two())
    assert refused.status_code == 400
    assert "what you think belongs to one case" in flat(refused.content.decode())
    assert ">Bandage.</textarea>" in flat(refused.content.decode())
    assert client.post("/cases/new/", form | two() | {"grouping": "one"}).status_code == 200
    assert InterimOpinion.objects.get().case.images.count() == 2


def test_the_form_asks_for_it_folded(site, people, client):
    client.force_login(people.clinician)
    page = client.get("/cases/new/").content.decode()
    assert "<details data-without-script>" in page
    assert 'data-name="treated_as"' in page.split('id="card-template"')[1]
