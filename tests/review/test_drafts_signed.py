"""What a signature ends of what its reader has written: all that it says, and nothing else."""

import json
from uuid import uuid4

import pytest

from accounts.refusals import Conflict
from tests.factories import make_case
from tests.review.test_drafts import WRITTEN, save
from triage.models import Draft
from triage.review.drafts import Followed, draft_of
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def test_of_what_is_signed_nothing_is_kept(case, people):
    """A tab may send it once more, since it never heard that it was signed."""
    given = GivenOpinion("none", comment="Clear.")
    sign(case=case, reader=people.reviewer, given=given)
    assert save(case, people.reviewer, WRITTEN) is None
    for more in ({"comment": "Clear, and more."}, {"critical": ["on"]}):
        with pytest.raises(Conflict) as refused:
            save(case, people.reviewer, WRITTEN | more)
        assert refused.value.code == "draft_signed"
    assert not Draft.objects.exists()


def test_an_answer_after_the_first_reading_is_kept_though_it_is_the_same(site, people):
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    lock_first_reading(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    assert save(case, people.reviewer, {"fracture": "none"}).content == {"fracture": "none"}


def test_it_ends_with_the_signature_and_a_late_save_does_not_bring_it_back(case, people):
    save(case, people.reviewer)
    save(case, people.clinician2, {"comment": "Mine."})
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    with pytest.raises(Conflict) as refused:
        save(case, people.reviewer)
    assert refused.value.code == "draft_signed"
    assert [draft.reader for draft in Draft.objects.all()] == [people.clinician2]


@pytest.mark.parametrize("is_blind", [False, True])
@pytest.mark.parametrize(
    ("follows", "comment", "stays"),
    [
        ("nothing", "", True),
        ("nothing", "Clear.", False),
        ("it", "", False),
        ("saved it", "", False),
    ],
)
def test_words_that_the_signing_page_never_had_stay(
    site, people, is_blind, follows, comment, stays
):
    state = CaseState.RECEIVED if is_blind else CaseState.PREDICTED
    case = make_case(site, people.clinician, state, is_blind=is_blind)
    draft = save(case, people.reviewer, editor=uuid4())
    followed = {
        "nothing": Followed(None, uuid4()),
        "it": Followed(draft.version, None),
        "saved it": Followed(None, draft.editor),
    }[follows]
    given = GivenOpinion("none", comment=comment)
    act = lock_first_reading if is_blind else sign
    act(case=case, reader=people.reviewer, given=given, followed=followed)
    kept = draft_of(case, people.reviewer)
    assert (kept is not None) == stays
    if stays and not is_blind:
        assert (
            save(case, people.reviewer) == kept
        )  # the page that wrote it is told that it is there


BOX = {"image": 1, "x": 0.123456, "y": 0.2, "width": 0.3, "height": 0.4}
SIGNED = {"fracture": "certain", "comment": "Clear."}


@pytest.mark.parametrize(
    ("entered", "stays"),
    [
        ({"fracture": "possible"}, True),
        ({"classes": ["spiral", "oblique"]}, True),
        ({"displaced": "no"}, True),
        ({"old": "yes"}, True),
        ({"places": json.dumps([BOX | {"x": 0.5}])}, True),
        ({"places": "[[]]"}, True),
        ({"critical": ["on"]}, True),
        ({"agrees": ["yes"]}, True),
        ({"other_finding": "Gas."}, True),
        ({"comment": "", "classes": ["spiral"], "places": json.dumps([BOX])}, False),
        ({"fracture": "none", "comment": ""}, True),
        ({"fracture": "", "comment": "", "classes": ["oblique"]}, True),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_draft_of_another_page_stays_unless_all_of_it_is_signed(case, people, entered, stays):
    save(case, people.reviewer, SIGNED | entered)
    given = GivenOpinion("certain", classes=("spiral",), places=(BOX,), comment="Clear.")
    sign(case=case, reader=people.reviewer, given=given, followed=Followed(None, uuid4()))
    assert (draft_of(case, people.reviewer) is not None) == stays


def test_what_the_form_does_not_send_of_a_draft_keeps_it_not(case, people):
    """Types, ticked before "No fracture" was chosen; and what was ticked was signed as well."""
    entered = {"fracture": "none", "classes": ["spiral"], "critical": ["on"]}
    save(case, people.reviewer, entered)
    given, followed = GivenOpinion("none"), Followed(None, uuid4())
    sign(case=case, reader=people.reviewer, given=given, critical=True, followed=followed)
    assert draft_of(case, people.reviewer) is None
