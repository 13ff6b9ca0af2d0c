"""What a release is not for is not read: no try, no failure, and the priority's wait."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from classifier.indication_table import BUILT_IN
from classifier.indications import OUTSIDE
from tests.factories import make_case, make_image, usable_release
from tests.releases import release_copy
from triage.inference.checks import check_and_activate
from triage.inference.described import described
from triage.inference.health import queue_health
from triage.inference.queue import claim_jobs
from triage.inference.releases import register_release
from triage.inference.services import retry_case, sweep_and_send
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.release_check import check_next
from triage.models import Case, Image, Job, Prediction
from triage.review.opinion import GivenOpinion
from triage.review.services import sign
from triage.states import Activation, CaseState, JobState
from triage.vocabulary import (
    INDICATION_LABELS,
    SUSPECTED,
    Call,
    Indication,
    Priority,
)
from triage.worklist.deadlines import WaitTable
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")

NOT_WRISTS = {"body_part": ["wrist"], "reason": "Not for wrists."}
HANDS = {
    "body_part": ["hand"],
    "projection": ["frontal"],
    "age_band": ["adult"],
    "pictures": 400,
    "fractured": 90,
}


@pytest.fixture
def release(db, storage):
    return usable_release()


def with_table(folder, version, excluded, measured=()):
    """The released model under another table, registered, checked and active."""
    table = {"excluded": list(excluded), "measured": list(measured)}
    release = register_release(release_copy(folder, version, indications=table))
    check_and_activate(release, Activation.ALWAYS)
    check_next()
    release.refresh_from_db()
    assert release.is_active, release.problem
    return release


def received(site, people, **fields):
    return make_case(site, people.clinician, CaseState.RECEIVED, **fields)


def job_of(case):
    return Job.objects.get(image__case=case)


def test_an_excluded_picture_ends_unread_and_keeps_the_priorities_wait(release, site, people):
    case = received(site, people, body_part="CHEST", priority=Priority.URGENT)
    default_storage.delete(case.first_image.rendition.name)  # it isn't even opened

    assert work_until_empty() == 1

    case.refresh_from_db()
    assert (case.state, case.call) == (CaseState.PREDICTED, Call.UNREAD)
    assert (case.unread_code, case.deciding_prediction) == (OUTSIDE, None)
    assert case.due_at == case.received_at + timedelta(hours=4)
    assert case.due_at == WaitTable.of(site.pk).due(case.received_at, case.priority)
    job = job_of(case)
    assert (job.state, job.error, job.attempts_left) == (JobState.EXCLUDED, "", 3)
    assert job.reason == "chest"
    assert job.reason_to_show == next(row["reason"] for row in BUILT_IN if "chest" in str(row))
    assert not Prediction.objects.exists()


def test_an_excluded_picture_is_not_tried_again_and_waits_for_nobody(release, site, people):
    case = received(site, people, body_part="SKULL")
    work_until_empty()
    before = list(Job.objects.values()), list(Case.objects.values())
    sweep_and_send()
    assert work_until_empty() == 0
    assert (list(Job.objects.values()), list(Case.objects.values())) == before
    assert queue_health().queued == 0
    assert not AuditEntry.objects.filter(verb="case.failed").exists()
    # It stands among the unread, and a reader signs it like any other.
    query = WorklistQuery.from_params({"finding": "unread"})
    assert [found.pk for found in query.page(people.reviewer).cases] == [case.pk]
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    case.refresh_from_db()
    assert (case.state, case.unread_code) == (CaseState.REVIEWED, OUTSIDE)


@pytest.mark.parametrize(
    ("body_part", "from_header", "header", "state"),
    [
        ("HAND", [], "CHEST", JobState.DONE),  # the sender's word counts
        ("CHEST", [], "HAND", JobState.EXCLUDED),
        ("OTHER", [], "Chest PA", JobState.EXCLUDED),  # "other" says nothing
        ("HAND", ["body_part"], "THORAX", JobState.EXCLUDED),  # another picture's header said hand
        ("CHEST", ["body_part"], "", JobState.DONE),  # another picture's header said chest
        ("OTHER", [], "NONSENSE", JobState.DONE),  # unknown is not excluded
    ],
)
def test_the_senders_word_counts_before_the_headers(
    release, site, people, body_part, from_header, header, state
):
    case = received(site, people, body_part=body_part, from_header=from_header)
    Image.objects.update(modality="DX", body_part_examined=header.upper())
    work_until_empty()
    assert job_of(case).state == state


def test_a_case_goes_by_the_picture_that_was_read_if_it_is_suspected(release, site, people):
    case = received(site, people, body_part="OTHER")
    Image.objects.filter(case=case).update(modality="DX", body_part_examined="CHEST")
    hand = make_image(case, 2, modality="DX", body_part_examined="HAND")
    Job.objects.create(image=hand, release=release, priority=case.priority)
    assert work_until_empty() == 2
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED
    read = hand.predictions.get()
    if read.call in SUSPECTED:
        assert (case.deciding_prediction, case.unread_code) == (read, "")
        assert case.call == read.call
    else:
        assert (case.deciding_prediction, case.unread_code) == (None, OUTSIDE)
        assert case.call == Call.UNREAD
    assert case.unread_images == 1
    states = Job.objects.order_by("image__position").values_list("state", flat=True)
    assert list(states) == [JobState.EXCLUDED, JobState.DONE]


def test_a_failed_picture_beside_an_excluded_one_is_a_failed_case(release, site, people):
    case = received(site, people, body_part="OTHER")
    Image.objects.filter(case=case).update(modality="DX", body_part_examined="CHEST")
    broken = make_image(case, 2)
    Job.objects.create(image=broken, release=release, priority=case.priority)
    with default_storage.open(broken.rendition.name) as file:
        whole = file.read()
    Path(default_storage.path(broken.rendition.name)).write_bytes(whole[: len(whole) // 2])
    work_until_empty()
    case.refresh_from_db()
    assert (case.state, case.unread_code) == (CaseState.FAILED, "")
    Path(default_storage.path(broken.rendition.name)).write_bytes(whole)
    retry_case(case=case, actor=people.reviewer)
    work_until_empty()
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED
    assert broken.predictions.count() == 1
    assert case.unread_images == 1


def test_another_release_considers_excluded_pictures_again(release, site, people, tmp_path):
    strict = with_table(tmp_path, "9.0.1", [NOT_WRISTS])
    case, closed = received(site, people), received(site, people)
    work_until_empty()
    sign(case=closed, reader=people.reviewer, given=GivenOpinion("none"))
    assert job_of(case).reason == "Not for wrists."

    stricter = with_table(tmp_path, "9.0.2", [{**NOT_WRISTS, "reason": "Still not."}])
    case.refresh_from_db()
    assert (case.state, case.unread_code) == (CaseState.RECEIVED, "")
    work_until_empty()
    case.refresh_from_db()
    assert (case.state, case.unread_code) == (CaseState.PREDICTED, OUTSIDE)
    assert (job_of(case).release, job_of(case).reason) == (stricter, "Still not.")

    wider = with_table(tmp_path, "9.0.3", [])
    work_until_empty()
    case.refresh_from_db()
    assert (case.state, case.unread_code) == (CaseState.PREDICTED, "")
    assert case.deciding_prediction.release == wider
    entries = AuditEntry.objects.filter(subject_id=str(case.pk)).order_by("id")
    again = ["case.requeued", "case.predicted"]
    assert list(entries.values_list("verb", flat=True)) == ["case.predicted", *again, *again]
    assert (job_of(closed).release, job_of(closed).state) == (strict, JobState.EXCLUDED)


def test_what_a_release_was_not_measured_for_is_read_and_kept(release, site, people, tmp_path):
    with_table(tmp_path, "9.1.0", [NOT_WRISTS], [HANDS])
    adult = received(site, people, body_part="HAND", projection="PA", age_band="18-64")
    child = received(site, people, body_part="SHOULDER", projection="AP", age_band="2-11")
    work_until_empty()
    found = {row.image.case_id: row for row in Prediction.objects.select_related("image")}
    measured, other = found[adult.pk], found[child.pk]
    assert (measured.indication, measured.not_measured_for) == (Indication.MEASURED, [])
    said = (other.indication, other.not_measured_for)
    assert said == (Indication.NOT_MEASURED, ["child", "shoulder"])
    assert set(other.not_measured_for) <= set(INDICATION_LABELS)


def test_each_picture_is_asked_for_its_own_view(site, people):
    case = received(site, people, images=2, projection="PA", from_header=["projection"])
    one, two = case.images.all()
    two.view_position = "LL"
    assert described(two).subject.projection == "lateral"
    assert described(one).subject.projection == ""
    two.projection = "OBL"  # the sender's word for this picture
    assert described(two).subject.projection == "oblique"


def test_the_database_holds_that_an_exclusion_says_why(site, people):
    case = received(site, people)
    job = job_of(case)
    for wrong in ({"state": JobState.EXCLUDED}, {"reason": "Not for wrists."}):
        with pytest.raises(IntegrityError, match="job_excluded_says_why"), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(**wrong)
    cases = Case.objects.filter(pk=case.pk)
    with pytest.raises(IntegrityError, match="none_to_come"), transaction.atomic():
        cases.update(state=CaseState.PREDICTED)
    with pytest.raises(IntegrityError, match="unread_case"), transaction.atomic():
        cases.update(unread_code=OUTSIDE)
    read = make_case(site, people.clinician)
    with pytest.raises(IntegrityError, match="unread_case"), transaction.atomic():
        Case.objects.filter(pk=read.pk).update(unread_code=OUTSIDE)
    with pytest.raises(IntegrityError, match="only_what_was_not_measured"), transaction.atomic():
        Prediction.objects.update(indication="measured", not_measured_for=["child"])


def test_one_query_separates_the_jobs_of_a_batch(release, site, people):
    """The table is asked for each job's case and image: they come with the claim."""
    received(site, people, body_part="CHEST")
    (job,) = claim_jobs()
    assert job.image.case.body_part == "CHEST"
    assert "case" in job.image._state.fields_cache
