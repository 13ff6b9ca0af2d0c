"""The inputs after public reports, sent as a case. Tests of the folders are skipped where they are absent."""

import ast
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.field_table import MAY_BE_SKIPPED, SHOWN_BY
from tests.api.test_cases import CASES, send
from tests.conftest import DATA, REPOSITORY
from tests.factories import usable_release
from triage.inference.worker.batch import work_until_empty
from triage.models import Case
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

FIELD = DATA / "field"
needs_field = pytest.mark.skipif(not FIELD.is_dir(), reason=f"{FIELD} is not there")


def names_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_of_the_table_exists():
    named = {name for names in SHOWN_BY.values() for name in names}
    paths = {name.partition("::")[0] for name in named}
    there = {f"{path}::{test}" for path in paths for test in names_of(REPOSITORY / "tests" / path)}
    assert named - there == set()


def test_every_kind_is_tested_on_drawn_inputs_too():
    always = {
        folder
        for folder, names in SHOWN_BY.items()
        if any(name.partition("::")[0] not in MAY_BE_SKIPPED for name in names)
    }
    assert SHOWN_BY.keys() - always == set()


@needs_field
def test_no_folder_is_forgotten():
    folders = {path.name for path in FIELD.iterdir() if path.is_dir()}
    assert folders == set(SHOWN_BY)


def files(folder: str, *names: str) -> Iterable[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, (FIELD / folder / name).read_bytes()) for name in names]


@needs_field
@pytest.mark.usefixtures("storage")
def test_a_wrist_whose_header_says_chest_is_read_as_a_wrist(site, people, signed_in):
    usable_release()
    client = signed_in(people.clinician)
    for name in ("wrist-called-chest.dcm", "control-wrist.dcm"):
        answer = send(client, site, *files("14-header-says-chest", name), body_part="WRIST")
        assert answer.status_code == 201, answer.content
    work_until_empty()
    called, control = Case.objects.order_by("received_at")
    for field in ("state", "call", "predicted_class", "unread_code"):
        assert getattr(called, field) == getattr(control, field)
    said = client.get(f"/api/v1/cases/{called.pk}").json()
    assert [told["field"] for told in said["header_contradicts"]] == ["body_part"]


@needs_field
@pytest.mark.usefixtures("storage")
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("16-character-sets/gb18030.dcm", {"accession_number": "放射-16"}),
        ("16-character-sets/ir87.dcm", {"accession_number": "16-骨折"}),
        ("16-character-sets/cyrillic-144.dcm", {"accession_number": "КИС-16"}),
        ("16-character-sets/charset-misspelt.dcm", {"accession_number": "Ä-16b"}),
        ("16-character-sets/charset-nonsense.dcm", {"accession_number": "FIELD-16N"}),
        ("16-character-sets/utf8-undeclared.dcm", {"accession_number": "Ä-16"}),
        ("17-age-forms/age-two-digits.dcm", {"age_band": "18-64"}),
        ("17-age-forms/age-45Y.dcm", {"age_band": "18-64"}),
        ("17-age-forms/age-lower.dcm", {"age_band": "18-64"}),
        ("17-age-forms/age-padded.dcm", {"age_band": "18-64"}),
        ("17-age-forms/age-days.dcm", {"age_band": "0-1"}),
        ("15-null-padded-words/null-padded.dcm", {"body_part": "KNEE", "side": "L", "sex": "F"}),
    ],
)
def test_the_field_s_forms_are_in_the_answer(site, people, signed_in, path, said):
    given = None if "body_part" in said else "WRIST"
    answer = send(signed_in(people.clinician), site, *files(*path.split("/")), body_part=given)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert {name: body[name] for name in said} == said


@needs_field
@pytest.mark.usefixtures("storage")
def test_two_patients_are_no_case(site, people, signed_in):
    both = files("31-two-patients-one-case", "patient-one.dcm", "patient-two.dcm")
    answer = send(signed_in(people.clinician), site, *both)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "patients_differ")
    assert not Case.objects.open().exists()


@needs_field
@pytest.mark.usefixtures("storage")
def test_the_same_instance_again_is_said_as_a_duplicate(site, people, signed_in):
    client = signed_in(people.clinician)
    one, other = files("33-same-accession-again", "first.dcm", "re-exported.dcm")
    first = send(client, site, one).json()
    again = send(client, site, other).json()
    (duplicate,) = again["duplicates"]
    assert (duplicate["earlier_case"], duplicate["same"]) == (first["id"], "instance")
    # Of an open case it is the newer version, which is read in its place.
    assert (duplicate["outcome"], again["state"]) == ("replaced", "received")
    first = client.get(f"{CASES}/{first['id']}").json()
    assert (first["state"], first["replaced_by"]) == ("withdrawn", again["id"])


@needs_field
@pytest.mark.usefixtures("storage")
def test_one_bad_file_is_named_by_its_place(site, people, signed_in):
    three = files(
        "22-values-of-the-wrong-kind", "frames-1.0.dcm", "rows-as-text.dcm", "window-words.dcm"
    )
    answer = send(signed_in(people.clinician), site, *three)
    assert answer.status_code == 400
    (refused,) = answer.json()["error"]["files"]
    assert (refused["file"], refused["position"]) == ("rows-as-text.dcm", 2)
    assert "Rows in its DICOM header" in refused["reason"]


@pytest.mark.usefixtures("storage")
def test_a_closed_case_is_found_however_it_is_typed(site, people, signed_in):
    name = "FIELD-35-Äé１"
    sender, reader = signed_in(people.clinician), signed_in(people.reviewer)
    file = SimpleUploadedFile("wrist.png", (REPOSITORY / "docs/screens/case.png").read_bytes())
    made = send(sender, site, file, accession_number=name, patient_reference="Müller-7").json()
    sign(
        case=Case.objects.get(pk=made["id"]),
        reader=people.reviewer,
        given=GivenOpinion("none"),
    )
    typed = (name, unicodedata.normalize("NFD", name), "field-35-äé1", "Mu\u0308ller-7")
    for text in typed:
        found = reader.post("/api/v1/worklist/find", {"text": text}, "application/json").json()
        assert [(case["id"], case["state"]) for case in found["results"]] == [
            (made["id"], "reviewed")
        ]
