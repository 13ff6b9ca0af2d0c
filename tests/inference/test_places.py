"""Where a fracture is suspected, as the database keeps it."""

import io
import json
import shutil

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from PIL import Image as Picture

from classifier.classify import Classifier
from demo.drawings import draw
from tests.factories import BOXES, make_case, make_prediction, make_release, places, usable_release
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.pictures import read_image
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


def release_that_calls(folder, to, call: str):
    """A copy of the release in ``folder`` that takes any picture for bone and calls each one ``call``."""
    target = shutil.copytree(folder, to / call)
    manifest = json.loads((target / "manifest.json").read_text())
    below, above = {"positive": (0, 0), "doubt": (0, 1), "negative": (1, 1)}[call]
    manifest["call"]["rule"] |= {"negative_below": below, "positive_from": above}
    manifest["assessability"]["rule"]["threshold"] = 1e9
    manifest["version"] = f"3.0.0-{call}"
    (target / "manifest.json").write_text(json.dumps(manifest))
    return target


def film(image):
    """Gives ``image`` the drawn film of a leg."""
    buffer = io.BytesIO()
    draw("oblique", 3).convert("L").save(buffer, "PNG")
    image.rendition = default_storage.save(f"drawn/{image.pk}", ContentFile(buffer.getvalue()))
    image.width, image.height = Picture.open(buffer).size
    image.save()


@pytest.mark.parametrize("call", ["positive", "doubt", "negative"])
def test_a_worker_keeps_what_the_release_says(release_with_detector, tmp_path, site, people, call):
    folder = release_that_calls(release_with_detector, tmp_path, call)
    release = usable_release(folder)
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    film(case.images.get())
    (job,) = Job.objects.filter(image__case=case).select_related("image")
    (finding,) = Classifier(folder).classify([read_image(job)])
    assert work_until_empty() == 1
    kept = Prediction.objects.get(image__case=case)
    assert (kept.release, kept.call, kept.assessable) == (release, call, True)
    assert bool(kept.boxes) == (call != "negative")
    said = finding.as_json()
    assert (kept.boxes, kept.focus) == (said["boxes"], said["focus"])
    assert np.shape(kept.fracture_map) == finding.fracture_map.shape
    assert np.asarray(kept.fracture_map) == pytest.approx(finding.fracture_map, abs=0.0006)
    assert all(len(str(value)) <= 5 for row in kept.fracture_map for value in row)
