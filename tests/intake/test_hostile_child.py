"""A file that took the decoder over says anything: its sender gets a refusal, and nobody a 500."""

import json

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken

from classifier.facts import DicomFacts
from classifier.rendition_file import write_rendition
from tests import pictures
from tests.factories import make_release, stored_files, taken_cases
from tests.intake.decoders import parent_of, replace_parent
from tests.intake.looks import OTHER_LOOKS
from triage.intake.answer import WrongAnswerError, read_header, read_image
from triage.intake.sandbox import RefusedFile, Sandbox
from triage.models import Case, Image, Series, Study

# What the real parent runs, with the answers of its children changed on their way out.
TAKEN_OVER = """
import json, sys
from classifier import decode_child, decode_parent, warm_up

honest = decode_child.described

def hostile(radiograph, key):
    header = honest(radiograph, key)
    part = header
    for name in way:
        part = part[name]
    part[last] = value
    return header

decode_child.described = hostile
*way, last = json.loads(sys.argv[2])
value = json.loads(sys.argv[3])
decode_parent.main()
"""
FACTS = DicomFacts().as_json()
HONEST = {
    "kind": "dicom",
    "bits": 12,
    "width": 4,
    "height": 3,
    "modality": "CR",
    "aspect": 1.0,
    "display": {"by": "window", "curves": [{"name": "BONE", "center": 2000.0, "width": 400.0}]},
    "tags": {"side": "R", "patient_age": 40},
    "facts": FACTS,
}
JPEG = pictures.jpeg(np.zeros((3, 4), np.uint8))
SIGNED = [write_rendition(np.zeros((3, 4), np.uint16)), JPEG, JPEG]
PARTS = {"study": Study, "series": Series, "instance": Image}


def longer_than_columns():
    """(where in the answer, a text that the column of that name doesn't hold), by the models' own lengths."""
    for part, values in FACTS.items():
        for name, value in values.items():
            if value == "":
                column = PARTS[part]._meta.get_field(name)
                yield ["facts", part, name], "X" * (column.max_length + 1)
    yield ["modality"], "X" * (Image._meta.get_field("modality").max_length + 1)
    tags = {
        "body_part": Image._meta.get_field("body_part_examined"),
        "projection": Image._meta.get_field("view_position"),
        "accession_number": Case._meta.get_field("accession_number"),
    }
    for tag, column in tags.items():
        yield ["tags", tag], "X" * (column.max_length + 1)


OTHER = [
    (["modality"], "C\x00"),
    (["modality"], "\ud800"),  # half of a character: no encoding has it
    (["tags", "accession_number"], "A\x00"),
    (["tags", "accession_number"], "\udfff"),
    (["tags", "sex"], "X" * 60_000),
    (["tags", "patient_age"], 0.5),
    (["tags", "side"], 5),
    (["tags", "patient_age"], "40"),
    (["tags", "patient_age"], -1),
    (["tags", "\x00"], ""),
    (["identity"], {"PatientID": "\x00"}),
    (["identity"], {"PatientID": "x" * 60_000}),
    (["identity"], {"\ud800": "0" * 32}),
    (["bits"], 2**40),
    (["bits"], 8),
    (["bits"], 17),
    (["bits"], 0),
    (["width"], 2**40),
    (["facts", "instance", "bits_stored"], 2**20),
    (["facts", "instance", "instance_number"], 2**40),
    (["facts", "instance", "image_laterality"], "Q"),
    (["facts", "instance", "window_center_width_explanation"], ["X" * 65]),
    (["aspect"], 0.0),
    (["aspect"], float("nan")),
    (["aspect"], "1"),
    (["display"], None),
    (["display", "by"], "magic"),
    (["display", "by"], 7),
    (["display", "by"], "values"),  # and yet a curve
    (["display", "curves"], []),
    (["display", "curves"], [{"name": "", "center": None, "width": None}] * 9),
    (["display", "curves"], [{"name": "X" * 65, "center": None, "width": None}]),
    (["display", "curves"], [{"name": "\x00", "center": None, "width": None}]),
    (["display", "curves"], [{"name": "", "center": float("nan"), "width": 1.0}]),
    (["display", "curves"], [{"name": "", "center": 1.0, "width": None}]),
    (["display", "curves"], [{"name": "", "center": 1.0, "width": 0.0}]),
    (["display", "curves"], [{"name": "", "center": None, "width": None, "more": 1}]),
    *((["look"], look) for look in OTHER_LOOKS),
]


@pytest.fixture
def taken_over(monkeypatch):
    """Says how the children of a new sandbox answer; they are processes as the real ones are."""
    made = []

    def answers(where, value):
        replace_parent(monkeypatch, TAKEN_OVER, json.dumps(where), json.dumps(value))
        made.append(Sandbox())
        monkeypatch.setattr("triage.intake.decoding.shared_sandbox", lambda: made[-1])
        return made[-1]

    yield answers
    for sandbox in made:
        sandbox.close()


@pytest.fixture
def send(people, site):
    client = Client(
        headers={"Authorization": f"Token {AuthToken.objects.create(people.clinician)[1]}"}
    )
    client.raise_request_exception = False  # a 500 is an answer here

    def post():
        body = {"site": site.slug, "body_part": "WRIST"}
        file = SimpleUploadedFile("wrist.dcm", pictures.dicom())
        return client.post("/api/v1/cases", {**body, "images": [file]})

    return post


EVERYTHING = [*longer_than_columns(), *OTHER]
NAMES = {"ids": [".".join(where) for where, _ in EVERYTHING]}


@pytest.mark.parametrize(("where", "value"), EVERYTHING, **NAMES)
def test_the_parser_believes_nothing_that_no_column_holds(where, value):
    header = json.loads(json.dumps(HONEST))
    read_image(header, SIGNED, 1000)
    part = header
    for name in where[:-1]:
        part = part[name]
    part[where[-1]] = value
    with pytest.raises(WrongAnswerError):
        read_image(header, SIGNED, 1000)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (["modality"], "X" * 17),
        (["tags", "body_part"], "X" * 17),
        (["tags", "accession_number"], "\ud800"),
        (["facts", "series", "modality"], "X" * 17),
        (["facts", "instance", "patient_orientation"], "X" * 34),
        (["facts", "instance", "bits_stored"], 2**20),
    ],
    ids=lambda given: ".".join(given) if isinstance(given, list) else "",
)
def test_a_taken_over_child_costs_its_sender_a_sentence(taken_over, send, storage, where, value):
    taken_over(where, value)
    answer = send()
    assert answer.status_code == 400, answer.content
    assert "wrist.dcm broke the program that reads pictures" in answer.content.decode()
    assert not taken_cases().exists() and stored_files(storage) == []


def test_the_same_child_with_what_fits_is_believed(taken_over, send, storage):
    make_release()
    taken_over(["facts", "series", "modality"], "X" * 16)
    assert send().status_code == 201
    assert Series.objects.get().modality == "X" * 16


def test_a_child_that_lied_does_not_read_the_next_file(taken_over):
    sandbox = taken_over(["modality"], "X" * 17)
    with pytest.raises(RefusedFile, match="broke the program"):
        sandbox.decode_bytes("a.dcm", pictures.dicom())
    assert not parent_of(sandbox).children()


@pytest.mark.parametrize("value", ["X" * 60_000, "\x00", "\ud800", ["L"], None, 0.5])
def test_a_refusal_names_short_words_only(value):
    text = json.dumps({"code": "unsupported_modality", "params": {"modality": value}})
    with pytest.raises(WrongAnswerError):
        read_header(text.encode(), "a.dcm")


@pytest.mark.parametrize("name", ["\x00", "\ud800", "code", "modality_of_another_sentence"])
def test_a_refusal_names_what_its_sentence_names(name):
    text = json.dumps({"code": "unsupported_modality", "params": {"modality": "CT", name: "CT"}})
    with pytest.raises(WrongAnswerError):
        read_header(text.encode(), "a.dcm")


def jpeg_of(width, height):
    """A small file of a size that its header only claims."""
    data = bytearray(JPEG)
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


@pytest.mark.parametrize("size", [(65_500, 65_500), (1601, 1), (1, 1601), (0, 3)])
@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_picture_to_show_is_no_larger_than_ours_are(place, size):
    """A reader's browser takes memory for the size that its header names."""
    two = {"by": "window", "curves": HONEST["display"]["curves"] * 2}
    parts = [*SIGNED, JPEG]
    read_image({**HONEST, "display": two}, parts, 1000)
    parts[place] = jpeg_of(*size)
    with pytest.raises(WrongAnswerError):
        read_image({**HONEST, "display": two}, parts, 1000)
