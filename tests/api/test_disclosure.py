"""No class leaves where the model names none: every outlet is walked, so that a new one can't leak."""

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from tests.factories import make_case, make_prediction, make_release
from triage.api.urls import urlpatterns
from triage.models import Case, Job, Prediction
from triage.review.services import sign
from triage.states import CaseState, JobState
from triage.vocabulary import FractureClass, Opinion

pytestmark = pytest.mark.usefixtures("storage")

NAMES = re.compile(
    "|".join([*FractureClass.values, *map(str, FractureClass.labels)]), re.IGNORECASE
)
WITHOUT_A_CLASS = {
    "refused": {"assessable": False, "reason": "This looks like a chest film."},
    "negative": {"call": "negative", "fracture_probability": 0.04},
}
# What a reader may choose or filter by: every class, on every page.
OFFERED = re.compile(r'<label[^>]*> ?<input type="checkbox"[^>]*>.*?</label>', re.DOTALL)


def outlets(case: Case) -> Iterator[str]:
    """Every address of the API that answers GET with JSON, for this case and what belongs to it."""
    prediction = case.deciding_prediction
    keys = {
        "case_id": case.pk,
        "image_id": case.first_image.pk,
        "prediction_id": prediction.pk,
    }
    for pattern in urlpatterns:
        view = getattr(getattr(pattern, "callback", None), "view_class", None)
        if not isinstance(pattern, URLPattern) or not pattern.name or not hasattr(view, "get"):
            continue
        if pattern.name in {"api_schema", "api_docs"}:
            continue  # the vocabulary itself, of no case
        wanted = pattern.pattern.converters
        assert set(wanted) <= set(keys), f"{pattern.name}: say here which {set(wanted)} to walk"
        yield reverse(pattern.name, kwargs={name: keys[name] for name in wanted})


def told(client: Client, case: Case) -> dict[str, str]:
    """Address → the JSON that it answers with; pictures are no JSON and hold no class."""
    answers = {}
    for address in outlets(case):
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer.headers["Content-Type"].startswith("application/json"):
            answers[address] = answer.content.decode()
        elif answer.streaming:
            b"".join(answer)  # read to its end, which closes the file
    return answers


@pytest.fixture(params=WITHOUT_A_CLASS)
def case(request, site, people) -> Case:
    return make_case(site, people.clinician, images=2, finding=WITHOUT_A_CLASS[request.param])


@pytest.fixture(params=["open", "signed"])
def case_now(request, case, people) -> Case:
    if request.param == "signed":
        seen = case.deciding_prediction_id
        sign(case=case, reader=people.reviewer, opinion=Opinion.AGREE, prediction_id=seen)
        case.refresh_from_db()
    return case


def test_no_outlet_of_the_api_names_a_class_where_the_model_names_none(people, signed_in, case_now):
    answers = told(signed_in(people.reviewer), case_now)
    assert len(answers) >= 6
    for address, body in answers.items():
        assert not NAMES.search(body), (address, NAMES.search(body))
    prediction = json.loads(
        answers[reverse("api_prediction", args=[case_now.deciding_prediction_id])]
    )
    for field in ("top_class", "confidence", "rival_class", "prediction_set", "probabilities"):
        assert prediction[field] is None
    for field in ("scores", "activation_map", "rival_activation_map"):
        assert prediction[field] is None
    whole = json.loads(answers[reverse("api_case", args=[case_now.pk])])
    assert (whole["predicted_class"], whole["confidence"]) == (None, None)


def test_the_walk_finds_what_is_told(site, people, signed_in):
    """The walk itself can fail: of a suspected fracture it finds the class in many places."""
    case = make_case(site, people.clinician, top="spiral")
    answers = told(signed_in(people.reviewer), case)
    naming = [address for address, body in answers.items() if NAMES.search(body)]
    assert len(naming) >= 5


def test_no_page_names_a_class_where_the_model_names_none(people, case_now):
    client = Client()
    client.force_login(people.reviewer)
    states = f"state={case_now.state}"
    assert str(case_now.pk) in client.get(f"{reverse('worklist')}?{states}").content.decode()
    pages = [
        f"{reverse('worklist')}?{states}",
        f"{reverse('worklist_live')}?{states}",
        reverse("case", args=[case_now.pk]),
        reverse("case_finding", args=[case_now.pk]),
    ]
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200
        page = answer.content.decode()
        found = NAMES.search(OFFERED.sub("", page))
        assert not found, (address, page[found.start() - 200 : found.end() + 50])


@pytest.mark.parametrize("which", ["top", "rival"])
def test_there_is_no_map_where_there_is_no_class(people, case_now, which):
    client = Client()
    client.force_login(people.reviewer)
    for prediction in Prediction.objects.filter(image__case=case_now):
        address = reverse("activation_map", args=[prediction.pk, which])
        assert client.get(address).status_code == 404
        headers = {"If-None-Match": f'"{prediction.pk}-{which}"'}  # known from before
        assert client.get(address, headers=headers).status_code == 404


def test_a_call_that_may_not_be_used_is_told_as_doubt_without_its_number(site, people, signed_in):
    make_release(usable=False)
    said = {"call": "negative", "fracture_probability": 0.999}
    case = make_case(site, people.clinician, top="spiral", finding=said)
    client = signed_in(people.reviewer)
    whole = client.get(reverse("api_case", args=[case.pk])).json()
    assert (whole["finding"], whole["predicted_class"]) == ("doubt", "spiral")
    (prediction,) = whole["images"][0]["predictions"]
    assert (prediction["call"], prediction["finding"]) == ("doubt", "doubt")
    assert (prediction["call_is_usable"], prediction["fracture_probability"]) == (False, None)
    assert prediction["top_class"] == "spiral"
    (release,) = client.get(reverse("api_models")).json()["results"]
    assert release["call_is_usable"] is False


def test_a_closed_case_says_what_it_said_when_it_was_signed(site, people, signed_in):
    """Its release's call was believed then; what the reader agreed with stays what it was."""
    case = make_case(site, people.clinician, finding=WITHOUT_A_CLASS["negative"])
    seen = case.deciding_prediction
    sign(case=case, reader=people.reviewer, opinion=Opinion.AGREE, prediction_id=seen.pk)
    type(seen.release).objects.update(call_is_usable=False)
    answers = told(signed_in(people.reviewer), case)
    whole = json.loads(answers[reverse("api_case", args=[case.pk])])
    assert whole["finding"] == whole["images"][0]["predictions"][0]["finding"] == "negative"
    assert whole["reviews"][0]["conclusion"] == "no_fracture"
    assert whole["images"][0]["predictions"][0]["fracture_probability"] is None
    assert UUID(whole["prediction"]) == seen.pk


def test_a_failure_is_told_of_the_active_release_only(site, people, signed_in):
    case = make_case(site, people.clinician, CaseState.FAILED)
    client = signed_in(people.reviewer)
    address = reverse("api_image", args=[case.first_image.pk])
    assert client.get(address).json()["job"]["failure"]
    make_prediction(case.first_image, make_release(), "spiral", 0.9)
    Job.objects.filter(state=JobState.DONE).update(queued_at=case.received_at)  # a rollback
    assert client.get(address).json()["job"]["failure"] == ""
