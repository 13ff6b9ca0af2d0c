"""The worker with the released model itself, in this process."""

import json
import shutil
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from classifier.indications import Subject
from classifier.labels import CLASSES
from classifier.release import default_release_path
from tests.factories import make_case, usable_release
from triage.inference.releases import activate_release, register_release, release_folder
from triage.inference.services import retry_case
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.pictures import read_image
from triage.inference.worker.release_check import check_next
from triage.models import Image, Job, Prediction, Release
from triage.states import CaseState, JobState
from triage.vocabulary import SUSPECTED
from triage.worklist.deadlines import CalledClass, WaitTable

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def release(db, storage):
    return usable_release()


def received(site, people, **fields):
    return make_case(site, people.clinician, CaseState.RECEIVED, **fields)


def test_a_case_gets_a_class_a_confidence_and_a_deadline(release, site, people):
    case = received(site, people, images=2)
    assert work_until_empty() == 2
    case.refresh_from_db()
    assert case.state == CaseState.PREDICTED
    deciding = case.deciding_prediction
    names_one = deciding.call in SUSPECTED
    expected = (deciding.predicted_class, deciding.confidence) if names_one else ("", 0.0)
    assert (case.predicted_class, case.confidence) == expected
    called = CalledClass(*expected) if names_one else None
    assert case.due_at == WaitTable.of(site.pk).due(case.received_at, case.priority, called)
    for prediction in Prediction.objects.filter(image__case=case):
        assert set(prediction.probabilities) == set(CLASSES)
        assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-4)
        assert prediction.release == release
        values = [value for row in prediction.activation_map for value in row]
        assert 0 <= min(values) <= max(values) <= 1


def test_the_release_is_given_what_header_and_sender_said(release, site, people):
    case = received(site, people)
    Image.objects.update(modality="DX", body_part_examined="CHEST")
    (job,) = Job.objects.filter(image__case=case).select_related("image")
    radiograph = read_image(job)
    assert (radiograph.modality, radiograph.tags["body_part"]) == ("DX", "CHEST")
    assert radiograph.subject == Subject("wrist", modality="DX")  # as the sender says


def test_working_again_changes_nothing(release, site, people):
    received(site, people)
    work_until_empty()
    before = list(Prediction.objects.values()), list(Job.objects.values())
    assert work_until_empty() == 0
    assert (list(Prediction.objects.values()), list(Job.objects.values())) == before


def test_a_damaged_picture_fails_its_own_case_only_and_can_be_retried(release, site, people):
    good, bad = received(site, people), received(site, people)
    name = bad.first_image.rendition.name
    with default_storage.open(name) as file:
        whole = file.read()
    Path(default_storage.path(name)).write_bytes(whole[: len(whole) // 2])

    work_until_empty()

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state) == (CaseState.PREDICTED, CaseState.FAILED)
    job = Job.objects.get(image__case=bad)
    assert (job.state, job.attempt) == (JobState.FAILED, 3)
    assert (job.error, job.failure_to_show) == (
        "unreadable",
        "The stored picture could not be read.",
    )

    Path(default_storage.path(name)).write_bytes(whole)
    retry_case(case=bad, actor=people.reviewer)
    work_until_empty()
    bad.refresh_from_db()
    assert bad.state == CaseState.PREDICTED


def test_a_release_is_registered_once_and_copied(release):
    again = register_release(default_release_path())
    assert again == release
    assert Release.objects.count() == 1
    assert (release_folder(release) / "manifest.json").is_file()


def test_registration_keeps_the_manifests_word_on_the_call(release, tmp_path):
    assert release.call_is_usable is True
    folder = shutil.copytree(default_release_path(), tmp_path / "worse")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["version"], manifest["call"]["usable"] = "9.9.9", False
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert register_release(folder).call_is_usable is False


def test_activation_queues_the_cases_that_waited_for_it(site, people, db):
    release = register_release(default_release_path())
    check_next()
    case = received(site, people)
    Job.objects.all().delete()
    activate_release(release)
    assert Job.objects.filter(image__case=case, release=release).count() == 1
    assert work_until_empty() == 1
