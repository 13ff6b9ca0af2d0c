"""The facts of an image over REST: what its header says, and what the sender says of each file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import pictures
from tests.api.conftest import png
from tests.api.test_cases import send
from tests.classifier.test_dicom_facts import WHOLE
from triage.models import Case, Image

pytestmark = pytest.mark.usefixtures("storage")


# What REST returns for WHOLE.
TOLD = {
    "side": "R",
    "projection": "PA",
    "body_part_examined": "WRIST",
    "view_position": "PA",
    "image_laterality": "R",
    "patient_orientation": "L\\F",
    "sop_instance_uid": "1.2.3.4.5",
    "sop_class_uid": pictures.CR_CLASS,
    "instance_number": 1,
    "acquisition_date": "2026-03-02",
    "acquisition_time": "09:14:27",
    "content_date": "2026-03-02",
    "content_time": "09:14:00",
    "pixel_spacing": [0.14, 0.15],
    "imager_pixel_spacing": [0.16, 0.16],
    "pixel_spacing_calibration_type": "FIDUCIAL",
    "spacing": {"row": 0.14, "column": 0.15, "plane": "patient"},
    "windows": [
        {"center": 2048.0, "width": 4096.0, "explanation": "NORMAL"},
        {"center": 1500.0, "width": 800.0, "explanation": "BONE"},
    ],
    "rescale_slope": None,
    "rescale_intercept": None,
    "voi_lut_function": "",
    "photometric_interpretation": "MONOCHROME2",
    "presentation_lut_shape": "IDENTITY",
    "display_by": "window",
    "curves": [
        {"number": 1, "name": "NORMAL", "center": 2048.0, "width": 4096.0},
        {"number": 2, "name": "BONE", "center": 1500.0, "width": 800.0},
    ],
    "pixel_aspect_ratio": pytest.approx(0.14 / 0.15),
    "bits_stored": 12,
    "series": {
        "series_instance_uid": "1.2.3.4",
        "series_number": 2,
        "series_description": "Wrist pa",
        "modality": "CR",
        "manufacturer": "Acme",
        "manufacturer_model_name": "DR 5",
        "station_name": "ROOM2",
        "study": {
            "study_instance_uid": "1.2.3",
            "study_date": "2026-03-02",
            "study_time": "09:14:27.500000",
            "study_description": "XR wrist, right",
            "accession_number": "A-4711",
        },
    },
}


def film(name: str = "film.dcm", seed: int = 1, **tags: object) -> SimpleUploadedFile:
    data = pictures.dicom(pictures.pixels(bits=12, seed=seed), **tags)
    return SimpleUploadedFile(name, data, "application/dicom")


def test_an_image_has_what_its_header_says(site, people, signed_in, django_assert_max_num_queries):
    client = signed_in(people.clinician)
    answer = send(client, site, film(**WHOLE, ViewPosition="PA", BodyPartExamined="WRIST"))
    assert answer.status_code == 201, answer.content
    (image,) = answer.json()["images"]
    assert {name: image[name] for name in TOLD} == TOLD
    with django_assert_max_num_queries(12):
        alone = client.get(f"/api/v1/images/{image['id']}").json()
    assert {name: alone[name] for name in TOLD} == TOLD


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        (
            {"RescaleSlope": "0.25", "RescaleIntercept": "-128.5", "VOILUTFunction": "SIGMOID"},
            (0.25, -128.5, "SIGMOID"),
        ),
        ({"RescaleSlope": "1", "RescaleIntercept": "0"}, (1.0, 0.0, "")),
        ({"RescaleSlope": "2"}, (2.0, None, "")),
        ({"VOILUTFunction": "LINEAR_EXACT"}, (None, None, "LINEAR_EXACT")),
    ],
)
def test_a_window_is_told_with_the_values_that_it_is_in(site, people, signed_in, tags, told):
    window = {"WindowCenter": "400", "WindowWidth": "900"}
    answer = send(signed_in(people.clinician), site, film(**window, **tags))
    (image,) = answer.json()["images"]
    names = ("rescale_slope", "rescale_intercept", "voi_lut_function")
    assert tuple(image[name] for name in names) == told
    stored = Image.objects.get()
    assert tuple(getattr(stored, name) for name in names) == told
    # As the header has them: the rescale isn't multiplied in.
    assert (stored.window_center, stored.window_width) == ([400.0], [900.0])


def test_a_jpeg_or_png_knows_nothing_but_its_senders_words(site, people, signed_in):
    answer = send(signed_in(people.clinician), site, png(), side="L", projection="SEVERAL")
    (image,) = answer.json()["images"]
    assert (image["side"], image["projection"]) == ("L", "")
    assert (image["series"], image["spacing"], image["windows"]) == (None, None, [])
    assert (image["acquisition_date"], image["sop_instance_uid"]) == (None, "")
    assert (image["rescale_slope"], image["voi_lut_function"]) == (None, "")


def test_the_sender_may_say_the_side_and_the_view_of_each_file(site, people, signed_in):
    answer = send(
        signed_in(people.clinician),
        site,
        film(ImageLaterality="L", ViewPosition="PA"),
        png(),
        png("three.png", 2),
        side="B",
        image_side=["R", "L", ""],
        image_projection=["", "OBL", ""],
    )
    assert answer.status_code == 201, answer.content
    body = answer.json()
    given = [(image["side"], image["projection"]) for image in body["images"]]
    assert given == [("R", "PA"), ("L", "OBL"), ("B", "")]
    assert body["images"][0]["image_laterality"] == "L"
    assert body["side"] == "B"  # what is said of the case stays


def test_a_list_of_empty_words_says_nothing(site, people, signed_in):
    files = png(), png("two.png", 1)
    answer = send(signed_in(people.clinician), site, *files, image_side=[""], image_projection=[""])
    assert answer.status_code == 201, answer.content
    assert [image["side"] for image in answer.json()["images"]] == ["", ""]


@pytest.mark.parametrize(
    "fields",
    [
        {"image_side": ["L"]},
        {"image_side": ["L", "X"]},
        {"image_projection": ["AP", "SEVERAL"]},
        {"image_projection": ["AP", "PA", "LL"]},
    ],
)
def test_words_that_fit_no_file_are_named(site, people, signed_in, fields):
    answer = send(signed_in(people.clinician), site, png(), png("two.png", 1), **fields)
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == list(fields)
    assert not Case.objects.exists()
