"""Where a fracture is suspected, as the database keeps it."""

import pytest
from django.db import IntegrityError, transaction

from tests.factories import BOXES, make_case, make_prediction, make_release, places
from triage.models import Job, Prediction
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")

BOX = BOXES[0]
REFUSED = {"assessable": False, "reason": "This looks like a chest film."}


@pytest.fixture
def image(site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.all().delete()
    return case.images.get()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"call": "negative"},
        places("positive"),
        places("doubt", [BOX | {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0, "score": 0.0}]),
        places("negative"),
        places("") | REFUSED,
        REFUSED | {"boxes": []},
        # Corners in ten-thousandths, whose sums no binary fraction is.
        places("doubt", [BOX | {"x": 0.1234, "y": 0.7001, "width": 0.8766, "height": 0.2999}]),
    ],
)
def test_what_a_release_may_say_is_kept(image, said):
    prediction = make_prediction(image, make_release(), **said)
    kept = Prediction.objects.get(pk=prediction.pk)
    for field in ("boxes", "focus", "fracture_map"):
        assert getattr(kept, field) == said.get(field)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"focus": {"x": 0.1, "y": 0.1}}, "places_are_all_told_by_a_detector"),
        ({"fracture_map": [[0.5]]}, "places_are_all_told_by_a_detector"),
        (places() | {"focus": None}, "places_are_all_told_by_a_detector"),
        (places("negative") | {"fracture_map": None}, "places_are_all_told_by_a_detector"),
        (places("positive", []), "has_boxes_where_it_calls_a_fracture"),
        (places("doubt", []), "has_boxes_where_it_calls_a_fracture"),
        (places("negative") | {"boxes": BOXES}, "has_boxes_where_it_calls_a_fracture"),
        (places("") | REFUSED | {"boxes": BOXES}, "has_boxes_where_it_calls_a_fracture"),
        (places("doubt", [BOX | {"x": -0.01}]), "boxes_lie_in_the_picture"),
        (places("doubt", [BOX, BOX | {"x": 0.9, "width": 0.1001}]), "boxes_lie_in_the_picture"),
        (places("doubt", [BOX | {"y": 0.95}]), "boxes_lie_in_the_picture"),
        (places("doubt", [BOX | {"height": 0}]), "boxes_lie_in_the_picture"),
        (places("doubt", [BOX | {"score": 1.5}]), "boxes_lie_in_the_picture"),
        (places("doubt", [{"x": 0.1, "y": 0.1, "width": 0.1}]), "boxes_lie_in_the_picture"),
        (places("doubt") | {"boxes": BOX}, "boxes_lie_in_the_picture"),
        (places() | {"focus": {"x": 1.2, "y": 0.1}}, "focus_lies_in_the_picture"),
        (places() | {"focus": [0.1, 0.1]}, "focus_lies_in_the_picture"),
    ],
)
def test_what_no_release_may_say_is_refused_by_the_database(image, said, rule):
    with pytest.raises(IntegrityError, match=f"prediction_{rule}"), transaction.atomic():
        make_prediction(image, make_release(), **said)
