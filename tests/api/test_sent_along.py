"""What the sender thinks and did may be sent along with the case: recorded with its decision."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AuditEntry
from tests.api.conftest import png
from tests.factories import make_case
from tests.pages import flat
from triage.intake import decision
from triage.intake.sweep import sweep_arrivals
from triage.intake.worker import decode_until_empty
from triage.models import Case, InterimOpinion
from triage.review.interim import Recorded
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


def test_an_older_intake_worker_swallows_nothing(site, people, signed_in, monkeypatch, caplog):
    """It can't decide the case, and says so without a word of the patient; a newer one decides it."""
    client = signed_in(people.clinician)
    form = {"site": "north", "body_part": "WRIST", "accession_number": "A-4711", "images": [png()]}
    answer = client.post(reverse("api_cases"), form | SAID, headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    with monkeypatch.context() as patch:
        # As one that knows nothing of what was sent along: it leaves the column as it is.
        patch.setattr(decision, "record_on_receipt", lambda *given: Recorded())
        assert decode_until_empty() == 1
    case = Case.objects.get()
    assert (case.state, case.interim_given["note"]) == (CaseState.ARRIVING, "Bandage.")
    assert f"sent along with case {case.pk} is not recorded" in caplog.text
    assert not any(words in caplog.text for words in ("Bandage", "soft_tissue", "A-4711"))
    sweep_arrivals()
    case.refresh_from_db()
    assert (case.state, case.interim_given) == (CaseState.RECEIVED, None)
    assert InterimOpinion.objects.get().note == "Bandage."


@pytest.mark.parametrize("state", [state for state in CaseState if state != CaseState.ARRIVING])
def test_no_decided_case_keeps_what_was_sent_along(site, people, state):
    case = make_case(site, people.clinician, state, third_because=["first"])
    said = {"interim_fracture": "none", "treated_as": "soft_tissue", "note": ""}
    with pytest.raises(IntegrityError, match="is not recorded"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(interim_given=said)
    assert Case.objects.get().interim_given is None
