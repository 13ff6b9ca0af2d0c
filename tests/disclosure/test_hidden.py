"""A reader from whom the model's output is hidden learns nothing of it, by no answer and by no order."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.refusals import Conflict, Refused
from tests.disclosure.worlds import BY_MODEL, WORLDS, answers, let_the_model_say
from tests.factories import make_case, make_prediction
from tests.policies import Fickle
from triage.disclosure import disclosure_for, shown_to
from triage.inference.case_update import update_cases
from triage.models import Image, Job, Prediction
from triage.reasons import EXCLUSIONS
from triage.report.training_set import export_training_set
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState, JobState
from triage.vocabulary import FractureClass, Priority
from triage.web.live import rows_etag
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")

NAMES = re.compile(
    "|".join([*FractureClass.values, *map(str, FractureClass.labels)]), re.IGNORECASE
)
# What a reader may choose: every class, on every page.
# Also in the help, which says the key of each.
OFFERED = re.compile(
    r'<label[^>]*>\s*<input type="checkbox"[^>]*>.*?</label>|<dialog.*?</dialog>', re.DOTALL
)


@pytest.fixture
def hidden(settings):
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"


@pytest.fixture
def cases(site, people):
    """Six open ones of all priorities, with two pictures each, and a closed one."""
    opened = [
        make_case(site, people.clinician, images=2, priority=Priority(number % 3))
        for number in range(6)
    ]
    return [*opened, make_case(site, people.clinician, CaseState.REVIEWED)]


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def both_worlds(person, cases):
    answered = []
    for world in WORLDS:
        let_the_model_say(world, cases)
        answered.append(answers(client_of(person), person, cases))
    return answered


def _first(one, other):
    """Where two answers part, to be read when they do."""
    place = next(
        (n for n, pair in enumerate(zip(one[2], other[2], strict=False)) if len({*pair}) > 1), 0
    )
    return one[:2], other[:2], one[2][place - 60 : place + 60], other[2][place - 60 : place + 60]


def test_no_answer_depends_on_what_the_model_says(hidden, people, cases):
    alarming, calm = both_worlds(people.reviewer, cases)
    assert len(alarming) > 100
    different = [address for address in alarming if alarming[address] != calm[address]]
    assert {address: _first(alarming[address], calm[address]) for address in different} == {}
    for address, (_status, _etag, text) in alarming.items():
        assert not NAMES.search(OFFERED.sub("", text)), address


def test_the_walk_sees_what_is_disclosed_to_a_reader_from_whom_nothing_is_hidden(
    hidden, people, cases
):
    """The control: the policy is in force, for somebody else."""
    alarming, calm = both_worlds(people.clinician2, cases)
    different = {
        address.split("?")[0] for address in alarming if alarming[address] != calm[address]
    }
    case, prediction = cases[0], Prediction.objects.filter(image__case=cases[0]).first()
    for name, key in (("case", case), ("case_model_output", case), ("api_case", case)):
        assert reverse(name, args=[key.pk]) in different
    assert reverse("api_prediction", args=[prediction.pk]) in different
    assert reverse("activation_map", args=[prediction.pk, "top"]) in different
    for name in ("worklist", "worklist_live", "api_worklist", "api_cases"):
        assert reverse(name) in different
    assert {f"find {case.pk}", f"find over REST {case.pk}", "cursor deadline"} <= different


@pytest.mark.parametrize("view", BY_MODEL)
def test_no_list_goes_by_what_the_model_says(hidden, people, cases, view):
    rita, carl = client_of(people.reviewer), client_of(people.clinician2)
    for name in ("worklist", "worklist_live", "api_worklist"):
        address = f"{reverse(name)}?{view}"
        refused = rita.get(address)
        assert refused.status_code == 400, address
        assert "hidden from you" in refused.content.decode()
        assert carl.get(address).status_code == 200


def test_no_filter_or_sort_by_the_model_is_offered(hidden, people, cases):
    page = client_of(people.reviewer).get(reverse("worklist")).content.decode()
    for parameter in ('name="call"', 'name="class"', 'name="confidence_min', "sort=class"):
        assert parameter not in page
        assert parameter in client_of(people.clinician2).get(reverse("worklist")).content.decode()


def test_the_order_is_that_of_the_priorities(hidden, people, cases):
    let_the_model_say("calm", cases)  # which are due the other way round
    for sort in ("deadline", "priority"):
        shown = WorklistQuery(sort=sort).page(people.reviewer).cases
        assert len(shown) == 6
    shown = WorklistQuery().page(people.reviewer).cases
    assert [case.priority_due_at for case in shown] == sorted(
        case.priority_due_at for case in shown
    )
    assert [case.due_at for case in shown] != sorted(case.due_at for case in shown)


def test_an_etag_of_before_does_not_hold_once_something_is_hidden(settings, people, cases):
    query = WorklistQuery()
    reader = people.reviewer
    before = rows_etag(reader, query, disclosure_for(reader).sortable)
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.NothingToRita"
    after = rows_etag(reader, query, disclosure_for(reader).sortable)
    assert before != after == rows_etag(reader, query, disclosure_for(reader).sortable)
    live = reverse("worklist_live")
    headers = {"If-None-Match": before}
    assert client_of(people.reviewer).get(live, headers=headers).status_code == 200
    prediction = Prediction.objects.first()
    address = reverse("activation_map", args=[prediction.pk, "top"])
    headers = {"If-None-Match": f'"{prediction.pk}-top"'}
    assert client_of(people.reviewer).get(address, headers=headers).status_code == 404


def test_nobody_agrees_with_what_is_hidden(hidden, people, cases):
    for world in WORLDS:
        let_the_model_say(world, cases)
        case = cases[0]
        with pytest.raises(Refused, match="hidden from you"):
            sign(case=case, reader=people.reviewer, given=GivenOpinion(agrees=True))
        guess = case.deciding_prediction_id
        with pytest.raises(Conflict, match="has changed"):
            sign(
                case=case,
                reader=people.reviewer,
                given=GivenOpinion(agrees=True),
                prediction_id=guess,
            )
    review = sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    assert review.prediction is None


def test_what_is_hidden_from_a_person_is_in_no_export_of_theirs(hidden, people, cases, tmp_path):
    with pytest.raises(Refused) as refused:
        export_training_set(folder=tmp_path / "hers", actor=people.reviewer)
    assert refused.value.code == "nothing_to_export"
    assert export_training_set(folder=tmp_path / "his", actor=people.clinician2).reviews == 1


def test_some_cases_can_be_hidden_and_others_shown(settings, people, cases):
    """Rows differ then; the order and the filters go by what is shown of all of them."""
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.OneCaseOnly"
    answered = shown_to(people.reviewer, cases)
    assert [case.is_shown for case in answered] == [case.priority != 0 for case in cases]
    assert not disclosure_for(people.reviewer).sortable.is_by_model
    body = client_of(people.reviewer).get(reverse("api_worklist")).json()["results"]
    assert {case["priority"]: case["finding"] for case in body} == {
        "stat": None,
        "urgent": "positive",
        "routine": "positive",
    }


@pytest.mark.parametrize(
    "name",
    [
        *("worklist", "worklist_live", "worklist_find", "case", "case_model_output"),
        *("api_worklist", "api_cases", "api_case"),
    ],
)
def test_a_page_asks_the_policy_once(settings, people, cases, name):
    """A second answer could differ: rows would be sorted by what they hide, or a tag confirm it."""
    settings.CALLUS_DISCLOSURE_POLICY = "tests.policies.Fickle"
    Fickle.asked = 0
    client = client_of(people.reviewer)
    if name == "worklist_find":
        answer = client.post(reverse(name), {"text": str(cases[0].pk)})
    else:
        of_one = name in ("case", "case_model_output", "api_case")
        answer = client.get(reverse(name, args=[cases[0].pk] if of_one else []))
    assert answer.status_code == 200
    assert Fickle.asked == 1


def test_today_nothing_is_hidden_from_anybody(people, cases):
    for person in (people.clinician, people.reviewer, people.admin):
        assert disclosure_for(person).sortable.is_by_model
        assert all(case.is_shown for case in shown_to(person, cases))


def test_why_no_model_reads_is_hidden_for_case_and_image_alike(hidden, site, people):
    """Of two pictures one shows nothing, no release is for the other: the case counts as unread."""
    case = make_case(site, people.clinician, CaseState.RECEIVED, images=2)
    read, excluded = Image.objects.filter(case=case)
    release = Job.objects.filter(image=read).get().release
    Job.objects.filter(image=read).delete()
    make_prediction(read, release, call="negative", fracture_probability=0.02)
    Job.objects.filter(image=excluded).update(
        state=JobState.EXCLUDED, reason="chest", attempt=1, finished_at=timezone.now()
    )
    update_cases([case.pk])
    sentence = EXCLUSIONS.text("chest")
    for person, codes in (
        (people.reviewer, {"case": None, "image": None, "reason_code": "", "reason": ""}),
        (
            people.clinician2,
            {
                "case": "outside_indications",
                "image": "outside_indications",
                "reason_code": "chest",
                "reason": sentence,
            },
        ),
    ):
        client = client_of(person)
        body = client.get(reverse("api_case", args=[case.pk])).json()
        (image,) = [row for row in body["images"] if row["job"]["state"] == "excluded"]
        alone = client.get(reverse("api_image", args=[image["id"]])).json()
        for said in (image, alone):
            found = {"image": said["code"], "reason_code": said["reason_code"]}
            assert {"case": body["code"], **found, "reason": said["reason"]} == codes
        page = unescape(client.get(reverse("case", args=[case.pk])).content.decode())
        assert (sentence in page) == bool(codes["reason"])
