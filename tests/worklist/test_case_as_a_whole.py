"""What a case says as a whole: the strongest call of its pictures, and the shortest of their waits."""

from datetime import timedelta
from itertools import combinations

import pytest
from django.db import IntegrityError, transaction

from tests.factories import make_case, make_image, make_prediction, make_release
from triage.inference.case_update import update_cases
from triage.models import Case, Job, Redating
from triage.states import CaseState, JobState
from triage.vocabulary import Call, UnreadCode
from triage.worklist.query import WorklistQuery
from triage.worklist.redating import redate_chunk, request_redating

pytestmark = pytest.mark.usefixtures("storage")

# What the model makes of a picture. The types are urgent where the call is weak.
SAID = {
    "positive": {"top": "hairline", "confidence": 0.3, "fracture_probability": 0.99},
    "doubt": {"top": "fracture_dislocation", "confidence": 0.9, "fracture_probability": 0.18},
    "negative": {"top": "comminuted", "confidence": 0.95, "fracture_probability": 0.01},
}
FINDING = {
    "positive": Call.POSITIVE,
    "doubt": Call.DOUBT,
    "excluded": Call.UNREAD,
    "failed": Call.UNREAD,
    "refused": Call.NOT_ASSESSABLE,
    "negative": Call.NEGATIVE,
}


def made(site, people, *pictures, release=None):
    """A case whose pictures were read so: a call, "refused", "excluded", "failed" or "queued"."""
    release = release or make_release()
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.filter(image__case=case).delete()
    images = [case.first_image]
    images += [make_image(case, position) for position in range(2, len(pictures) + 1)]
    for image, said in zip(images, pictures, strict=True):
        if said in SAID:
            make_prediction(image, release, call=said, **SAID[said])
        elif said == "refused":
            make_prediction(image, release, assessable=False, reason="A photograph.")
        else:
            why = {"excluded": {"reason": "Not for this."}, "failed": {"error": "Cut off."}}
            Job.objects.create(
                image=image, release=release, state=said, priority=2, **why.get(said, {})
            )
    update_cases([case.pk])
    case.refresh_from_db()
    return case


def position(case):
    prediction = case.deciding_prediction
    return prediction.image.position if prediction else None


@pytest.mark.parametrize("pair", list(combinations(reversed(FINDING), 2)), ids="-".join)
def test_the_strongest_call_is_the_cases(site, people, pair):
    case = made(site, people, *pair)
    order = ["positive", "doubt", "excluded", "failed", "refused", "negative"]
    first = min(pair, key=order.index)
    assert case.call == FINDING[first]
    has_prediction = first not in ("excluded", "failed")
    assert position(case) == (pair.index(first) + 1 if has_prediction else None)
    assert case.unread_images == len({"excluded", "failed"} & set(pair))
    assert case.not_assessable_images == len({"refused"} & set(pair))
    assert (case.predicted_class != "") == (first in ("positive", "doubt"))


def test_a_suspected_fracture_is_not_hidden_by_an_urgent_doubt(site, people):
    """The doubt's type has the shorter wait: it sets the deadline, and nothing else."""
    case = made(site, people, "positive", "doubt")
    assert (case.call, case.predicted_class) == (Call.POSITIVE, "hairline")
    assert case.due_at == case.received_at + timedelta(minutes=60)
    for asked, found in (("positive", [case.pk]), ("doubt", [])):
        page = WorklistQuery.from_params({"finding": asked}).page(people.reviewer)
        assert [case.pk for case in page.cases] == found


def test_of_equal_calls_the_likelier_fracture_gives_the_case_its_call(site, people):
    release = make_release()
    case = made(site, people, "queued", "queued", release=release)
    Job.objects.all().delete()
    one, two = case.images.all()
    make_prediction(one, release, "fracture_dislocation", 0.9, fracture_probability=0.6)
    make_prediction(two, release, "hairline", 0.3, fracture_probability=0.7)
    update_cases([case.pk])
    case.refresh_from_db()
    assert (position(case), case.predicted_class) == (2, "hairline")
    assert case.due_at == case.received_at + timedelta(minutes=60)


def test_a_chance_that_is_not_disclosed_gives_no_call(site, people):
    """Where the call may not be used, each picture is in doubt and the urgent one comes first."""
    release = make_release(usable=False)
    case = made(site, people, "positive", "doubt", release=release)
    assert (case.call, position(case)) == (Call.DOUBT, 2)


@pytest.mark.parametrize("pair", [("negative", "excluded"), ("excluded", "negative")])
def test_a_case_of_which_a_picture_was_not_read_is_not_negative(site, people, pair):
    case = made(site, people, *pair)
    assert (case.state, case.call) == (CaseState.PREDICTED, Call.UNREAD)
    assert case.unread_code == UnreadCode.OUTSIDE_INDICATIONS
    page = WorklistQuery.from_params({"finding": "negative"}).page(people.reviewer)
    assert page.cases == []


def test_a_case_that_waits_for_a_picture_says_what_the_others_say(site, people):
    case = made(site, people, "negative", "queued")
    assert (case.state, case.call) == (CaseState.RECEIVED, Call.NEGATIVE)
    assert (case.unread_images, case.not_assessable_images) == (0, 0)


def test_the_database_holds_that_a_negative_case_was_read_as_a_whole(site, people):
    case = made(site, people, "negative")
    for field in ("unread_images", "not_assessable_images"):
        with pytest.raises(IntegrityError, match="negative_only_as_a_whole"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**{field: 1})


def test_open_cases_of_before_get_their_call_in_the_background(site, people):
    """As the version before left them: the doubt decided, and the picture that was read spoke for both."""
    hidden = made(site, people, "positive", "doubt")
    half, closed = made(site, people, "negative", "excluded"), made(site, people, "negative")
    doubt = hidden.images.get(position=2).predictions.get()
    Case.objects.filter(pk=hidden.pk).update(
        call=1, deciding_prediction=doubt, predicted_class="fracture_dislocation"
    )
    read = half.first_image.predictions.get()
    before = {"call": 2, "deciding_prediction": read, "unread_code": "", "unread_images": 0}
    Case.objects.filter(pk=half.pk).update(**before)
    image = make_image(closed, 2)
    Job.objects.create(
        image=image, release=read.release, priority=2, state=JobState.EXCLUDED, reason="No."
    )
    Case.objects.filter(pk=closed.pk).update(state="reviewed", closed_at=closed.received_at)
    request_redating(site)
    redate_chunk(Redating.objects.get(finished_at=None).pk)
    for case in (hidden, half, closed):
        case.refresh_from_db()
    assert (hidden.call, hidden.predicted_class, position(hidden)) == (0, "hairline", 1)
    assert (half.call, half.unread_code, half.unread_images) == (4, "outside_indications", 1)
    assert (closed.call, closed.unread_images) == (2, 0)
