"""Where a release may be used: the words, the table, and what the table says of a picture."""

import json
import re
import shutil

import numpy as np
import pytest
from pydicom.dataset import Dataset

from classifier.body_part_terms import BODY_PARTS
from classifier.dicom_header import Header
from classifier.dicom_tags import read_tags
from classifier.header_terms import age_band_of_years, body_part_of
from classifier.indication_table import BUILT_IN, read_indications
from classifier.indications import NO_TABLE, UNKNOWN_PART, Subject
from classifier.radiograph import Radiograph
from classifier.release import load_release
from classifier.release_errors import ReleaseCorrupt

NO_SKULL = {"body_part": ["skull", "chest"], "reason": "Not for skull and chest."}
HANDS = {
    "body_part": ["hand", "wrist"],
    "projection": ["frontal", "lateral"],
    "age_band": ["adult"],
    "pictures": 500,
    "fractured": 120,
    "auroc": {"value": 0.95, "interval": [0.93, 0.97]},
}
SHOULDERS = {
    "body_part": "shoulder",
    "projection": ["frontal"],
    "age_band": ["adult"],
    "pictures": 120,
    "fractured": 20,
}
TABLE = {"excluded": [NO_SKULL], "measured": [HANDS, SHOULDERS]}


def said(subject: Subject, table: dict = TABLE):
    return read_indications({"indications": table}).of(subject)


@pytest.mark.parametrize(
    ("word", "part"),
    [
        *[(part.upper(), part) for part in BODY_PARTS],
        *[(word, "chest") for word in ("Chest PA", "THORAX", "LUNG", "XR CHEST 2 VIEWS", "Tórax")],
        *[(word, "skull") for word in ("HEAD", "Head AP", "CRANIUM", "BRAIN", "Schädel")],
        *[(word, "cspine") for word in ("CSPINE", "C-SPINE", "Cervical spine")],
        *[(word, "tspine") for word in ("THORACIC SPINE", "TSPINE", "T_SPINE")],
        *[("TIBIA/FIBULA", "leg"), ("RADIUS ULNA", "forearm"), ("WRIST LT", "wrist")],
        *[("ABDOMEN_KUB", "abdomen"), ("BREAST", "breast"), ("CHEST ABDOMEN", "chest")],
        *[(word, "") for word in ("Radius head", "HEAD OF RADIUS", "Femoral neck", "HAND WRIST")],
        *[(word, "sternum") for word in ("BREAST BONE", "Breastbone", "Brustbein")],
        *[(word, "") for word in ("CHEST WALL", "Left breast bone", "Bony thorax", "Chest bones")],
        *[
            (word, "")
            for word in ("Chest tube left wrist", "Thorax und Schulter", "ABDOMEN BECKEN")
        ],
        ("Abdomen and Pelvis", ""),
        *[(word, "chest") for word in ("CHEST INSPIRATION", "Thorax im Liegen", "Chest post op")],
        *[(word, "chest") for word in ("X-ray chest, 2 views, P.A.", "C.X.R.", "Lung chest")],
        *[("Skull base", "skull"), ("SKULL BONES", "skull"), ("Skull and cervical spine", "spine")],
        *[(word, "") for word in ("RIBS CHEST", "OTHER", "EXTREMITY", "SSPINE", "", None, "12")],
    ],
)
def test_words_of_headers_mean_one_part_or_none(word, part):
    assert body_part_of(word) == part


def test_an_age_is_told_as_its_band():
    bands = [age_band_of_years(years) for years in (0, 1, 2, 11, 12, 17, 18, 64, 65, 110)]
    assert bands == [
        *("infant", "infant", "child", "child", "adolescent", "adolescent"),
        *("adult", "adult", "older", "older"),
    ]
    assert [age_band_of_years(none) for none in (None, "", -1, True)] == [""] * 4


def test_the_senders_word_counts_before_the_headers():
    header = {"body_part": "CHEST", "projection": "PA", "patient_age": 40}
    sender = {"body_part": "HAND", "projection": "LL", "age_band": "2-11"}
    assert Subject.of("DX", header, sender) == Subject("hand", "lateral", "child", "DX")
    # "Other" and "several" say nothing, so the header is asked.
    other = {"body_part": "OTHER", "projection": "SEVERAL", "age_band": ""}
    assert Subject.of("DX", header, other) == Subject("chest", "frontal", "adult", "DX")
    assert Subject.of("SC", {}, {"body_part": "CHEST"}) == Subject("chest")


def test_a_picture_in_a_measured_cell_is_measured():
    assert said(Subject("wrist", "lateral", "adult", "DX")).state == "measured"
    assert said(Subject("hand")).state == "measured"  # neither view nor age is told


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (Subject("shoulder", "frontal", "child"), ("child",)),
        (Subject("knee", "frontal", "adult"), ("knee",)),
        (Subject("knee", "oblique", "older"), ("older", "knee", "oblique")),
        (Subject("hand", "oblique"), ("oblique",)),
        (Subject("shoulder", "lateral"), ("shoulder", "lateral")),  # each is measured, both are not
        (Subject("", "frontal", "child"), ("child", UNKNOWN_PART)),
    ],
)
def test_what_was_not_measured_is_read_and_named(subject, words):
    found = said(subject)
    assert (found.state, found.not_measured_for, found.is_excluded) == (
        "not_measured",
        words,
        False,
    )


def test_what_is_excluded_says_why_and_what_is_unknown_is_not_excluded():
    found = said(Subject("skull", "frontal", "adult", "DX"))
    assert (found.state, found.reason) == ("excluded", NO_SKULL["reason"])
    assert not said(Subject()).is_excluded
    narrow = {"excluded": [{**NO_SKULL, "age_band": ["infant"]}], "measured": []}
    assert said(Subject("chest", age_band="infant"), narrow).is_excluded
    assert not said(Subject("chest"), narrow).is_excluded
    assert not said(Subject("chest", age_band="adult"), narrow).is_excluded


def test_a_table_without_measured_cells_names_all_that_is_known():
    found = said(Subject("knee", "frontal", "adult", "DX"), {"excluded": [], "measured": []})
    assert found.not_measured_for == ("adult", "knee", "frontal")


@pytest.mark.parametrize(
    ("subject", "state"),
    [
        *[(Subject(modality=code), "excluded") for code in ("CT", "MR", "PT", "US", "MG")],
        (Subject.of("CT", {}, {"body_part": "HAND"}), "excluded"),
        *[(Subject(part), "excluded") for part in ("chest", "skull", "abdomen", "breast")],
        *[(Subject(part, modality="DX"), "not_measured") for part in ("hand", "rib", "cspine", "")],
        (Subject.of("OT", {}), "not_measured"),
        (Subject.of("MADE UP", {"body_part": "NONSENSE"}), "not_measured"),
    ],
)
def test_a_release_without_a_table_excludes_what_no_release_is_for(subject, state):
    found = read_indications({}).of(subject)
    assert found.state == state
    assert state == "excluded" or found == NO_TABLE  # it doesn't pretend to know what was measured


def test_the_built_in_table_is_one_that_a_manifest_may_hold():
    table = {"excluded": json.loads(json.dumps(BUILT_IN)), "measured": []}
    assert said(Subject("chest"), table) == read_indications({}).of(Subject("chest"))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([], "needs the lists excluded and measured"),
        ({"excluded": []}, "needs the lists excluded and measured"),
        ({**TABLE, "maybe": []}, "nothing else"),
        ({**TABLE, "excluded": {}}, "excluded is not a list"),
        ({**TABLE, "excluded": ["chest"]}, "excluded[0] is not an object"),
        ({**TABLE, "excluded": [{"reason": "All."}]}, "excludes every picture"),
        ({**TABLE, "excluded": [{"body_part": ["chest"]}]}, "excluded[0] needs a reason"),
        ({**TABLE, "excluded": [{**NO_SKULL, "reason": "x" * 301}]}, "1 to 300 characters"),
        ({**TABLE, "excluded": [{**NO_SKULL, "reason": "a\nb"}]}, "printed on one line"),
        ({**TABLE, "excluded": [{**NO_SKULL, "body_part": ["CHEST"]}]}, "body_part 'CHEST'"),
        ({**TABLE, "excluded": [{**NO_SKULL, "body_part": []}]}, "list of values as its body_part"),
        ({**TABLE, "excluded": [{**NO_SKULL, "modality": "XY"}]}, "modality 'XY'"),
        ({**TABLE, "excluded": [{**NO_SKULL, "side": "left"}]}, "unknown key 'side'"),
        ({**TABLE, "measured": [{**HANDS, "reason": "Good."}]}, "unknown key 'reason'"),
        ({**TABLE, "measured": [{"pictures": 1, "fractured": 1}]}, "names no body_part"),
        ({**TABLE, "measured": [{**HANDS, "age_band": ["18-64"]}]}, "age_band '18-64'"),
        ({**TABLE, "measured": [{**HANDS, "fractured": 501}]}, "as whole numbers"),
        ({**TABLE, "measured": [{**HANDS, "pictures": True}]}, "as whole numbers"),
        ({**TABLE, "measured": [{**HANDS, "auroc": 0.9}]}, "an auroc of a value and an interval"),
        (
            {**TABLE, "measured": [{**HANDS, "auroc": {"value": 1.1, "interval": [0, 1]}}]},
            "within 0 and 1",
        ),
        ({**TABLE, "measured": [{**HANDS, "body_part": "skull"}]}, "excluded as well"),
    ],
)
def test_a_table_that_says_something_unknown_is_refused(release, tmp_path, table, says):
    folder = shutil.copytree(release.folder, tmp_path / "release")
    (folder / "manifest.json").write_text(json.dumps({**release.manifest, "indications": table}))
    with pytest.raises(ReleaseCorrupt, match=re.escape(says)) as refused:
        load_release(folder)
    assert str(refused.value).endswith(".")


def test_a_header_without_body_part_is_asked_for_its_anatomic_region():
    region, header = Dataset(), Dataset()
    region.CodeMeaning = "Chest"
    header.AnatomicRegionSequence = [region]
    assert read_tags(Header(header))["body_part"] == "CHEST"
    header.BodyPartExamined = "HAND"
    assert read_tags(Header(header))["body_part"] == "HAND"


@pytest.mark.filterwarnings("ignore:The value length")  # of a header that a device made, not we
@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize(
    ("words", "kept", "part"),
    [
        ("Abdomen and Pelvis", "", ""),
        ("Skull and cervical spine", "SPINE", "spine"),
        ("Chest tube left wrist", "", ""),
        ("Chest tube, position of the tip " * 3 + "left wrist", "", ""),
        ("Left wrist, two views PA", "WRIST", "wrist"),
        ("XR CHEST 2 VIEWS PA", "CHEST", "chest"),
        ("ABDOMENßßßßßßßß", "", ""),  # 23 signs in capitals
        ("Wrist ßßßßß", "WRIST SSSSSSSSSS", "wrist"),
    ],
)
def test_a_long_word_means_what_it_means_whole(words, kept, part):
    """What is kept of it has room in its column, and excludes no film that the whole doesn't."""
    region, header, by_region = Dataset(), Dataset(), Dataset()
    region.CodeMeaning = header.BodyPartExamined = words
    by_region.AnatomicRegionSequence = [region]
    for told in (header, by_region):
        tags = read_tags(Header(told))
        assert tags["body_part"] == kept
        assert Subject.of("DX", tags) == Subject(part, modality="DX")
    header.ViewPosition = "Lateral 12345678901 axial"
    assert read_tags(Header(header))["projection"] == ""


def test_a_radiograph_tells_its_own_subject():
    grey = np.zeros((9, 9), np.uint8)
    film = Radiograph(grey, 8, "dicom", "DX", tags={"body_part": "Chest PA", "patient_age": 70})
    assert film.subject == Subject("chest", "", "older", "DX")
