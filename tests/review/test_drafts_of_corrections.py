"""A correction has a draft of its own, which ends with the correction."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.refusals import Conflict, NotPermitted
from tests.factories import make_case
from triage.models import Case, Draft
from triage.review.drafts import (
    Followed,
    discard_draft,
    draft_of,
    drafts_on,
    own_drafts,
    save_draft,
)
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.opinion_content import content_with
from triage.review.services import correct, sign
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")
WRITTEN = {"fracture": "possible", "comment": "A thin line."}
GIVEN = GivenOpinion("none", comment="Clear.")


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


@pytest.fixture
def signed(case, people):
    return sign(case=case, reader=people.reviewer, given=GIVEN, critical=True)


def save(review, reader, content=WRITTEN, **more):
    return save_draft(case=review.case, reader=reader, corrects=review, content=content, **more)


def test_it_is_kept_beside_a_draft_of_the_opinion(signed, people):
    other = Draft.objects.create(
        case=signed.case, reader=people.reviewer, content={"comment": "Of another page."}
    )
    draft = save(signed, people.reviewer)
    assert draft_of(signed.case, people.reviewer) == other
    assert draft_of(signed.case, people.reviewer, signed) == draft
    assert drafts_on(signed.case, people.reviewer) == [draft, other]
    assert own_drafts(people.reviewer) == [draft, other]
    for corrects in (None, signed):
        with pytest.raises(IntegrityError), transaction.atomic():
            Draft.objects.create(
                case=signed.case, reader=people.reviewer, corrects=corrects, content={}
            )
    discard_draft(case=signed.case, reader=people.reviewer, corrects=signed)
    assert drafts_on(signed.case, people.reviewer) == [other]


def test_what_changes_nothing_is_no_draft(signed, people):
    same = content_with(GIVEN) | {"critical": ["on"]}
    assert save(signed, people.reviewer, same) is None
    for changed in ({"comment": ""}, {"critical": []}, {"fracture": "possible"}):
        kept = save(signed, people.reviewer, same | changed)
        assert save(signed, people.reviewer, same, version=kept.version) is None
    assert not Draft.objects.exists()


def test_a_second_page_that_saves_is_told(signed, people):
    save(signed, people.reviewer)
    with pytest.raises(Conflict) as refused:
        save(signed, people.reviewer, {"comment": "Other."})
    assert refused.value.code == "draft_newer"


@pytest.mark.parametrize(
    ("follows", "comment", "stays"),
    [("nothing", "", True), ("nothing", "A thin line.", False), ("it", "", False)],
)
def test_it_ends_with_the_correction_that_has_it(signed, people, follows, comment, stays):
    draft = save(signed, people.reviewer)
    followed = Followed(draft.version if follows == "it" else None, uuid4())
    given = GivenOpinion("possible", comment=comment)
    correct(review=signed, reader=people.reviewer, given=given, followed=followed)
    assert (draft_of(signed.case, people.reviewer, signed) is not None) == stays


def test_a_late_save_does_not_bring_it_back(signed, people):
    save(signed, people.reviewer)
    given = GivenOpinion("possible", comment="A thin line.")
    correction = correct(review=signed, reader=people.reviewer, given=given)
    assert not Draft.objects.exists()
    assert save(signed, people.reviewer) is None  # it was signed
    with pytest.raises(Conflict) as refused:
        save(signed, people.reviewer, {"comment": "Other."})
    assert refused.value.code == "draft_signed"
    # What was signed first may be the text of the next correction.
    assert save(correction, people.reviewer, content_with(GIVEN)) is not None


def test_what_a_third_reader_has_overtaken_is_kept(signed, people):
    draft = save(signed, people.reviewer)
    Case.objects.filter(pk=signed.case_id).update(third_because=["first"])
    signed.case.refresh_from_db()
    assert save(signed, people.reviewer, {"comment": "More."}, version=draft.version) is not None


def test_nobody_writes_on_anothers_opinion_nor_on_a_first_reading(signed, people, site):
    with pytest.raises(NotPermitted):
        save(signed, people.clinician2)
    case = make_case(site, people.clinician, CaseState.RECEIVED, is_blind=True)
    first = lock_first_reading(case=case, reader=people.reviewer, given=GIVEN)
    with pytest.raises(Conflict):
        save(first, people.reviewer)
    assert not Draft.objects.exists()
