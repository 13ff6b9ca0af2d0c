"""What a reader has written and not signed: kept for them alone, until they sign or discard it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEntry, OutboxMessage
from accounts.refusals import Conflict, NotPermitted, Refused
from tests.factories import make_case
from triage.intake.services import withdraw_case
from triage.models import Draft
from triage.models.draft import LARGEST
from triage.review.draft_content import FIELDS
from triage.review.drafts import discard_draft, draft_of, own_drafts, save_draft
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.review.tasks import sweep_drafts
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")
WRITTEN = {"fracture": "none", "comment": "Clear."}


@pytest.fixture
def case(site, people):
    return make_case(site, people.clinician)


def save(case, reader, content=WRITTEN, **more):
    return save_draft(case=case, reader=reader, content=content, **more)


def test_what_was_written_is_kept_as_it_is_read(case, people):
    save(case, people.reviewer, {"fracture": "", "classes": [], "comment": " Two\r\nlines "})
    assert draft_of(case, people.reviewer).content == {"comment": "Two\nlines"}


def test_a_second_page_that_saves_is_told_and_changes_nothing(case, people):
    first = save(case, people.reviewer, editor=uuid4())
    second = save(case, people.reviewer, {"comment": "Second."}, version=first.version)
    with pytest.raises(Conflict) as refused:
        save(case, people.reviewer, {"comment": "First again."}, version=first.version)
    assert refused.value.code == "draft_newer"
    with pytest.raises(Conflict):
        save(case, people.reviewer, {"comment": "Of a page that saw none."})
    with pytest.raises(Conflict):
        save(case, people.reviewer, {}, version=first.version)
    assert draft_of(case, people.reviewer).content == {"comment": "Second."}
    save(case, people.reviewer, {"comment": "Chosen."}, version=second.version)
    assert draft_of(case, people.reviewer).content == {"comment": "Chosen."}


def test_a_page_never_conflicts_with_itself_nor_with_the_same_text(case, people):
    editor = uuid4()
    first = save(case, people.reviewer, editor=editor)
    again = save(case, people.reviewer, {"comment": "More."}, editor=editor)
    assert again.version != first.version
    assert again.saved_at >= first.saved_at
    assert save(case, people.reviewer, {"comment": "More."}).version == again.version


def test_an_empty_form_ends_the_draft(case, people):
    assert save(case, people.reviewer, {"prediction": str(uuid4()), "comment": " "}) is None
    kept = save(case, people.reviewer)
    assert save(case, people.reviewer, {}, version=kept.version) is None
    assert not Draft.objects.exists()


@pytest.mark.parametrize("end", ["signed", "withdrawn"])
def test_it_stays_when_somebody_else_ends_the_case(case, people, end):
    save(case, people.reviewer)
    if end == "signed":
        sign(case=case, reader=people.clinician2, given=GivenOpinion("none"))
    else:
        withdraw_case(case=case, actor=people.clinician, reason="Wrong patient")
    assert draft_of(case, people.reviewer).content == WRITTEN
    # What was typed after that, before the page was told, is kept too.
    kept = save(case, people.reviewer, {"comment": "More."}, overwrite=True)
    assert kept.content == {"comment": "More."}
    discard_draft(case=case, reader=people.reviewer)
    assert own_drafts(people.reviewer) == []


def test_each_reader_has_one_of_their_own(case, people, site):
    save(case, people.reviewer)
    save(case, people.clinician2, {"comment": "Mine."})
    other = make_case(site, people.clinician)
    save(other, people.reviewer, {"comment": "Other."})
    assert [draft.case for draft in own_drafts(people.reviewer)] == [other, case]
    assert [draft.content for draft in own_drafts(people.clinician2)] == [{"comment": "Mine."}]
    assert not Draft.objects.visible_to(people.admin).exists()
    assert not Draft.objects.visible_to(people.staff).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(case=case, reader=people.reviewer, content={})


def test_what_was_begun_is_kept_of_who_recorded_what_the_clinic_thinks(case, people):
    """They can't sign now. A colleague's newer interim opinion would let them."""
    said = {"interim_fracture": "none", "treated_as": "soft_tissue"}
    record_interim_opinion(case=case, author=people.clinician2, **said)
    save(case, people.clinician2)
    assert draft_of(case, people.clinician2).content == WRITTEN


@pytest.mark.parametrize("who", ["clinician", "service"])
def test_who_signs_nothing_writes_nothing(case, people, who):
    with pytest.raises(NotPermitted):
        save(case, getattr(people, who))


@pytest.mark.parametrize(
    "content",
    [
        {"patient": "x"},
        {"comment": ["x"]},
        {"comment": 1},
        {"classes": "spiral"},
        {"classes": ["spiral"] * 21},
        {"classes": [{}]},
        {"comment": "x" * (FIELDS["comment"].most + 1)},
        {"comment": "\0"},
        {"comment": "\ud83d"},
    ],
    ids=lambda content: str(content)[:24].encode("ascii", "ignore").decode(),
)
def test_what_is_no_form_is_refused(case, people, content):
    with pytest.raises(Refused):
        save(case, people.reviewer, content)
    assert not Draft.objects.exists()


def test_the_largest_draft_fits_into_its_column(case, people):
    """Each field as long as it may be, of the characters that take most room as JSON."""
    widest = {
        name: ['"' * field.most] * field.many if field.many else '"' * field.most
        for name, field in FIELDS.items()
    }
    save(case, people.reviewer, widest)
    assert draft_of(case, people.reviewer).content == widest
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.update(content={"comment": "x" * LARGEST})


def test_it_leaves_no_trace_in_the_audit_trail(case, people):
    before = AuditEntry.objects.count(), OutboxMessage.objects.count()
    save(case, people.reviewer)
    discard_draft(case=case, reader=people.reviewer)
    assert (AuditEntry.objects.count(), OutboxMessage.objects.count()) == before


def test_an_old_one_is_swept(case, people, settings):
    settings.CALLUS_DRAFT_DAYS = 3
    save(case, people.reviewer)
    save(case, people.clinician2)
    old = timezone.now() - timedelta(days=3, minutes=1)
    Draft.objects.filter(reader=people.reviewer).update(saved_at=old)
    assert sweep_drafts() == 1
    assert [draft.reader for draft in Draft.objects.all()] == [people.clinician2]
    assert Draft.objects.get().case.state == CaseState.PREDICTED
