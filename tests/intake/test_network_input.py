"""The decoder makes the active release's network input in the same pass, and the worker gets that one."""

from dataclasses import replace

import numpy as np
import pytest

from classifier.network_input import PreparedRadiograph, squares_of
from classifier.release import default_release_path, load_release
from tests import pictures
from tests.factories import incoming, make_release, receive_case
from triage.inference.releases import active_squares
from triage.inference.worker.pictures import read_image
from triage.intake.details import CaseDetails
from triage.models import Image, Job
from triage.vocabulary import BodyPart, Source

pytestmark = pytest.mark.usefixtures("storage", "db")
RELEASE = load_release(default_release_path())
GREY, TWELVE = pictures.pixels(1300, 1200), pictures.pixels(1300, 1200, 12)
NOT_SQUARE = pictures.dicom(TWELVE, 12, PixelAspectRatio=[2, 1])


def received(site, people, data):
    case = receive_case(
        sender=people.clinician,
        site=site,
        files=[incoming("wrist", data)],
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    ).case
    return Image.objects.select_related("case").get(case=case)


@pytest.mark.parametrize(
    "data",
    [
        pictures.png(GREY),
        pictures.jpeg(GREY, orientation=6),
        pictures.png(TWELVE << 4),
        pictures.dicom(TWELVE, 12),
        NOT_SQUARE,
    ],
    ids=["png", "turned jpeg", "16 bits", "dicom", "pixels that are not square"],
)
def test_what_the_decoder_made_is_what_the_worker_makes_of_the_rendition(site, people, data):
    make_release(manifest=RELEASE.manifest)
    image = received(site, people, data)
    stored = read_image(Job(image=image), RELEASE.preprocessings)
    named = image.network_input.name
    Image.objects.update(network_input="")
    image.refresh_from_db()
    made = read_image(Job(image=image), RELEASE.preprocessings)
    assert isinstance(stored, PreparedRadiograph)
    assert named.rpartition("/")[2] == squares_of(RELEASE.preprocessings).file_name
    assert all(map(np.array_equal, stored.input.squares, made.input.squares))
    assert replace(stored.input, squares=()) == replace(made.input, squares=())
    shapes = {square.shape for square in stored.input.squares}
    assert shapes == {(spec.stored_size,) * 2 for spec in RELEASE.preprocessings}


def test_the_row_of_pixels_that_are_not_square_says_so(site, people):
    """Otherwise the case of the same name above proves nothing."""
    make_release(manifest=RELEASE.manifest)
    image = received(site, people, NOT_SQUARE)
    assert image.pixel_aspect_ratio != 1
    prepared = read_image(Job(image=image), RELEASE.preprocessings)
    assert (prepared.input.height, prepared.input.width) == image.square_shape


def test_of_a_small_picture_none_is_kept(site, people):
    make_release(manifest=RELEASE.manifest)
    assert not received(site, people, pictures.png()).network_input


def test_without_a_release_none_is_made(site, people):
    assert active_squares() is None
    assert not received(site, people, pictures.png(GREY)).network_input


@pytest.mark.parametrize(
    "preprocessing",
    [
        {"size": 288},
        {"size": 288, "stored_size": 50_000},
        {"size": 288, "stored_size": "320"},
        {"size": 288, "stored_size": 320, "low": "0"},
        {"other": 1},
        {},
    ],
)
def test_a_release_whose_input_is_not_kept_in_bytes_is_served_from_the_rendition(preprocessing):
    """A manifest with a huge or senseless entry must not refuse every picture."""
    make_release(manifest={**RELEASE.manifest, "preprocessing": preprocessing, "detector": {}})
    assert active_squares() is None


def test_the_squares_are_those_of_all_networks_of_the_active_release(db):
    make_release(manifest=RELEASE.manifest)
    assert active_squares() == squares_of(RELEASE.preprocessings)
    alone = {key: value for key, value in RELEASE.manifest.items() if key != "detector"}
    make_release(manifest=alone)
    assert active_squares() == squares_of([RELEASE.preprocessing])
    assert active_squares() != squares_of([replace(RELEASE.preprocessing, low=3)])
