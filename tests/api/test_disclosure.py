"""No class leaves where the model names none: every outlet is walked, so that a new one can't leak."""

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from tests.factories import BOXES, make_case, make_prediction, make_release, places
from triage.api.urls import urlpatterns
from triage.models import Case, Job, Prediction
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState, JobState
from triage.vocabulary import FractureClass

pytestmark = pytest.mark.usefixtures("storage")

NAMES = re.compile(
    "|".join([*FractureClass.values, *map(str, FractureClass.labels)]), re.IGNORECASE
)
WITHOUT_A_CLASS = {
    "refused": {"assessable": False, "reason": "This looks like a chest film."},
    "negative": {"call": "negative", "fracture_probability": 0.04},
    "refused, with a detector": {
        **places(""),
        "assessable": False,
        "reason": "This looks like a chest film.",
    },
    "negative, with a detector": {**places("negative"), "fracture_probability": 0.04},
}
# Of the places in tests.factories, as JSON, as SVG and in words; and the address of the detector's map.
PLACES = re.compile(
    r"(?<![\d.])0\.(?:5123|5671|52)\b|52\.000%|The model marks|/map/fracture/|<rect class=.over"
)
# What a reader may choose or filter by, and the help of the keys: every class, on every page.
OFFERED = re.compile(
    r'<label[^>]*>\s*<input type="checkbox"[^>]*>.*?</label>|<dialog [^>]*id="keys".*?</dialog>',
    re.DOTALL,
)


# What people wrote, and what follows from what they signed. These cases have none.
OF_PEOPLE = {"api_case_draft", "api_call_back", "api_critical_result"}
OF_SIGNED = {"api_case_report", "api_case_report_pdf"}  # nothing to report of an open case


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
        if pattern.name in {"api_schema", "api_docs"} or "slug" in pattern.pattern.converters:
            continue  # the vocabulary itself, or a site's rules: of no case
        if pattern.name in OF_PEOPLE or (case.is_open and pattern.name in OF_SIGNED):
            continue
        wanted = pattern.pattern.converters
        assert set(wanted) <= set(keys), f"{pattern.name}: say here which {set(wanted)} to walk"
        yield reverse(pattern.name, kwargs={name: keys[name] for name in wanted})


def answers_of(client: Client, case: Case) -> dict[str, str]:
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
        sign(case=case, reader=people.reviewer, given=GivenOpinion(agrees=True), prediction_id=seen)
        case.refresh_from_db()
    return case


def test_no_outlet_of_the_api_names_a_class_where_the_model_names_none(people, signed_in, case_now):
    answers = answers_of(signed_in(people.reviewer), case_now)
    assert len(answers) >= 6
    for address, body in answers.items():
        assert not NAMES.search(body), (address, NAMES.search(body))
        assert not PLACES.search(body), (address, PLACES.search(body))
    prediction = json.loads(
        answers[reverse("api_prediction", args=[case_now.deciding_prediction_id])]
    )
    for field in ("top_class", "confidence", "rival_class", "prediction_set", "probabilities"):
        assert prediction[field] is None
    for field in ("scores", "activation_map", "rival_activation_map", "focus", "fracture_map"):
        assert prediction[field] is None
    refused = not case_now.deciding_prediction.assessable
    assert prediction["call"] == (None if refused else "negative")
    assert (prediction["fracture_probability"] is None) is refused
    has_detector = case_now.deciding_prediction.boxes is not None
    assert prediction["boxes"] == ([] if has_detector else None)
    whole = json.loads(answers[reverse("api_case", args=[case_now.pk])])
    assert (whole["predicted_class"], whole["confidence"]) == (None, None)


def test_the_walk_finds_what_is_disclosed(site, people, signed_in):
    """The walk itself can fail: of a suspected fracture it finds the class in many places."""
    case = make_case(site, people.clinician, top="spiral", finding=places())
    answers = answers_of(signed_in(people.reviewer), case)
    naming = [address for address, body in answers.items() if NAMES.search(body)]
    assert len(naming) >= 5
    placing = [address for address, body in answers.items() if PLACES.search(body)]
    assert len(placing) == 3  # the case, the image, the prediction
    client = Client()
    client.force_login(people.reviewer)
    for name in ("case", "case_model_output"):
        assert (
            len(set(PLACES.findall(client.get(reverse(name, args=[case.pk])).content.decode())))
            == 4
        )


def test_no_page_names_a_class_where_the_model_names_none(people, case_now):
    client = Client()
    client.force_login(people.reviewer)
    states = f"state={case_now.state}"
    assert str(case_now.pk) in client.get(f"{reverse('worklist')}?{states}").content.decode()
    pages = [
        f"{reverse('worklist')}?{states}",
        f"{reverse('worklist_live')}?{states}",
        reverse("case", args=[case_now.pk]),
        reverse("case_model_output", args=[case_now.pk]),
    ]
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200
        page = answer.content.decode()
        found = NAMES.search(OFFERED.sub("", page))
        assert not found, (address, page[found.start() - 200 : found.end() + 50])
        assert not PLACES.search(page), (address, PLACES.search(page))


@pytest.mark.parametrize("which", ["top", "rival", "fracture"])
def test_there_is_no_map_where_there_is_no_class(people, case_now, which):
    client = Client()
    client.force_login(people.reviewer)
    for prediction in Prediction.objects.filter(image__case=case_now):
        address = reverse("activation_map", args=[prediction.pk, which])
        assert client.get(address).status_code == 404
        headers = {"If-None-Match": f'"{prediction.pk}-{which}"'}  # known from before
        assert client.get(address, headers=headers).status_code == 404


def test_a_call_that_may_not_be_used_is_returned_as_doubt_without_its_number(
    site, people, signed_in
):
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


@pytest.mark.parametrize("call", ["positive", "doubt", "negative"])
def test_a_call_that_may_not_be_used_calls_no_place_either(site, people, signed_in, call):
    """Every picture is in doubt then. Its class and the class's map are disclosed, but no box."""
    make_release(usable=False)
    case = make_case(site, people.clinician, top="spiral", finding=places(call))
    client = signed_in(people.reviewer)
    for address, body in answers_of(client, case).items():
        assert not PLACES.search(body), (address, PLACES.search(body))
    prediction = client.get(reverse("api_prediction", args=[case.deciding_prediction_id])).json()
    for field in ("boxes", "focus", "fracture_map"):
        assert prediction[field] is None
    assert prediction["activation_map"]
    browser = Client()
    browser.force_login(people.reviewer)
    for name in ("case", "case_model_output"):
        assert not PLACES.search(browser.get(reverse(name, args=[case.pk])).content.decode())
    for which, status in (("fracture", 404), ("top", 200)):
        address = reverse("activation_map", args=[case.deciding_prediction_id, which])
        assert browser.get(address).status_code == status


def test_places_of_a_suspected_fracture_are_returned_with_what_they_mean(site, people, signed_in):
    case = make_case(site, people.clinician, top="spiral", finding=places("doubt"))
    client = signed_in(people.reviewer)
    said = client.get(reverse("api_prediction", args=[case.deciding_prediction_id])).json()
    assert said["boxes"] == BOXES
    assert said["focus"] == {"x": 0.5123, "y": 0.5671}
    assert len(said["fracture_map"]) == len(said["fracture_map"][0]) == 7
    (embedded,) = client.get(reverse("api_case", args=[case.pk])).json()["images"][0]["predictions"]
    assert embedded["boxes"] == said["boxes"]
    assert embedded["focus"] == said["focus"]
    assert "fracture_map" not in embedded  # with the other maps, which are most of the bytes


def test_a_release_without_a_detector_has_no_boxes(site, people, signed_in):
    case = make_case(site, people.clinician, top="spiral")
    address = reverse("api_prediction", args=[case.deciding_prediction_id])
    said = signed_in(people.reviewer).get(address).json()
    assert (said["boxes"], said["focus"], said["fracture_map"]) == (None, None, None)
    assert said["activation_map"]


def test_a_closed_case_says_what_it_said_when_it_was_signed(site, people, signed_in):
    """Its release's call was believed then; what the reader agreed with stays what it was."""
    case = make_case(site, people.clinician, finding=WITHOUT_A_CLASS["negative"])
    seen = case.deciding_prediction
    sign(case=case, reader=people.reviewer, given=GivenOpinion(agrees=True), prediction_id=seen.pk)
    type(seen.release).objects.update(call_is_usable=False)
    answers = answers_of(signed_in(people.reviewer), case)
    whole = json.loads(answers[reverse("api_case", args=[case.pk])])
    assert whole["finding"] == whole["images"][0]["predictions"][0]["finding"] == "negative"
    assert whole["reviews"][0]["conclusion"] == "no_fracture"
    assert whole["images"][0]["predictions"][0]["fracture_probability"] is None
    assert UUID(whole["prediction"]) == seen.pk


def test_only_failures_of_the_active_release_are_returned(site, people, signed_in):
    case = make_case(site, people.clinician, CaseState.FAILED)
    client = signed_in(people.reviewer)
    address = reverse("api_image", args=[case.first_image.pk])
    assert client.get(address).json()["job"]["failure"]
    make_prediction(case.first_image, make_release(), "spiral", 0.9)
    Job.objects.filter(state=JobState.DONE).update(queued_at=case.received_at)  # a rollback
    assert client.get(address).json()["job"]["failure"] == ""
