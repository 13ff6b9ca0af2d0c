"""A worker reads the network input that lies beside a picture, and decodes the rendition only without one."""

import errno
from dataclasses import replace

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from classifier.network_input import PreparedRadiograph, file_of, squares_of
from classifier.radiograph import Radiograph
from classifier.release import default_release_path, load_release
from classifier.rendition_file import write_rendition
from tests.factories import make_case, usable_release
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.pictures import read_image
from triage.models import Image, Job, Prediction
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage", "db")
SPECS = load_release(default_release_path()).preprocessings
SQUARES = squares_of(SPECS)
OTHERS = [replace(spec, low=2.0) for spec in SPECS]  # of a release that is made in another way


def film(height=1300, width=1200):
    down, across = np.mgrid[:height, :width] / height
    grey = np.exp(-(((across - 0.4 - 0.1 * down) / 0.12) ** 2)) * (0.7 + 0.2 * np.sin(25 * down))
    grey += np.random.default_rng(1).normal(0, 0.01, grey.shape)
    return (grey.clip(0, 1) * 4095).astype(np.uint16) << 4


@pytest.fixture
def image(site, people):
    """Makes an image of its own case, waiting for the active release."""

    def make(pixels, stored=b""):
        found = make_case(site, people.clinician, CaseState.RECEIVED).first_image
        folder = f"drawn/{found.pk}"
        found.rendition = default_storage.save(
            f"{folder}/rendition.cgr", ContentFile(write_rendition(pixels))
        )
        if stored:
            found.network_input = default_storage.save(f"{folder}/input", ContentFile(stored))
        found.height, found.width = pixels.shape
        found.save()
        return found

    return make


def job_of(image):
    """As a worker has it: with the row as it stands."""
    return Job(image=Image.objects.select_related("case").get(pk=image.pk))


def lost(file):
    default_storage.delete(file.name)


def output(image):
    columns = Prediction.objects.filter(image=image).values().get()
    return {name: value for name, value in columns.items() if name not in OF_ONE}


OF_ONE = {"id", "job_id", "image_id", "milliseconds", "created_at"}


def test_with_its_input_stored_a_picture_is_not_decoded_and_its_prediction_is_the_same(image):
    usable_release()
    decoded, prepared = image(film()), image(film(), file_of(film(), SQUARES))
    lost(prepared.rendition)
    assert work_until_empty() == 2
    assert output(prepared) == output(decoded)


def test_an_input_that_a_worker_made_of_the_rendition_is_there_for_the_next(image):
    found = image(film())
    made = read_image(job_of(found), SPECS)
    found.refresh_from_db()
    assert default_storage.exists(found.network_input.name)
    lost(found.rendition)
    again = read_image(job_of(found), SPECS)
    assert isinstance(made, PreparedRadiograph)
    assert again.input.deviation == made.input.deviation
    assert all(map(np.array_equal, again.input.squares, made.input.squares))


def test_another_release_has_its_own_made_and_the_former_goes(image):
    found = image(film(), file_of(film(), SQUARES))
    other = read_image(job_of(found), OTHERS)
    former = found.network_input.name
    found.refresh_from_db()
    assert not default_storage.exists(former)
    assert squares_of(OTHERS).file_name in found.network_input.name
    lost(found.rendition)
    again = read_image(job_of(found), OTHERS)
    assert all(map(np.array_equal, again.input.squares, other.input.squares))


def damaged(data):
    return data[: len(data) // 2]


@pytest.mark.parametrize("spoil", [damaged, lambda data: b"no such file"])
def test_a_damaged_input_is_made_anew(image, spoil):
    found = image(film(), spoil(file_of(film(), SQUARES)))
    made = read_image(job_of(found), SPECS)
    found.refresh_from_db()
    with found.network_input.open("rb") as file:
        assert file.read() == file_of(film(), SQUARES)
    assert isinstance(made, PreparedRadiograph)


def test_an_input_that_is_gone_is_made_anew(image):
    found = image(film(), file_of(film(), SQUARES))
    lost(found.network_input)
    read_image(job_of(found), SPECS)
    found.refresh_from_db()
    assert default_storage.exists(found.network_input.name)


def test_of_two_workers_at_one_picture_the_row_names_the_file_of_the_first(image):
    found = image(film())
    late = job_of(found)
    read_image(job_of(found), SPECS)
    found.refresh_from_db()
    read_image(late, SPECS)
    named = found.network_input.name
    found.refresh_from_db()
    assert found.network_input.name == named
    folder = named.rpartition("/")[0]
    assert sorted(default_storage.listdir(folder)[1]) == [SQUARES.file_name, "rendition.cgr"]


def test_a_full_disk_fails_no_job(image, monkeypatch):
    found = image(film())

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    assert isinstance(read_image(job_of(found), SPECS), PreparedRadiograph)
    found.refresh_from_db()
    assert not found.network_input


def test_a_small_picture_has_no_input_stored(image):
    found = image(film(400, 300))
    assert isinstance(read_image(job_of(found), SPECS), Radiograph)
    found.refresh_from_db()
    assert not found.network_input


def test_a_release_whose_input_is_no_bytes_reads_the_rendition(image):
    found = image(film(), file_of(film(), SQUARES))
    in_floats = [replace(spec, stored_size=None) for spec in SPECS]
    assert isinstance(read_image(job_of(found), in_floats), Radiograph)
    named = found.network_input.name
    found.refresh_from_db()
    assert found.network_input.name == named
