"""What a header says of study, series and picture is kept as it is said, and the patient stays behind."""

from datetime import date, time

import pytest
from pydicom import DataElement, Dataset, Sequence, config
from pydicom.datadict import dictionary_VR, tag_for_keyword

from classifier.dicom_facts import read_facts
from classifier.dicom_header import Header
from classifier.facts import DicomFacts, InstanceFacts, SeriesFacts, StudyFacts
from classifier.radiograph import read_radiograph
from tests import pictures
from tests.classifier.test_dicom_values import WRONG

WHOLE = {
    "StudyInstanceUID": "1.2.3",
    "StudyDate": "20260302",
    "StudyTime": "091427.5",
    "StudyDescription": "XR wrist, right",
    "AccessionNumber": "A-4711",
    "SeriesInstanceUID": "1.2.3.4",
    "SeriesNumber": "2",
    "SeriesDescription": "Wrist pa",
    "Manufacturer": "Acme",
    "ManufacturerModelName": "DR 5",
    "StationName": "ROOM2",
    "SOPInstanceUID": "1.2.3.4.5",
    "InstanceNumber": "1",
    "AcquisitionDate": "20260302",
    "AcquisitionTime": "091427",
    "ContentDate": "20260302",
    "ContentTime": "0914",
    "PixelSpacing": [0.14, 0.15],
    "ImagerPixelSpacing": [0.16, 0.16],
    "PixelSpacingCalibrationType": "FIDUCIAL",
    "WindowCenter": [2048, 1500],
    "WindowWidth": [4096, 800],
    "WindowCenterWidthExplanation": ["NORMAL", "BONE"],
    "PresentationLUTShape": "IDENTITY",
    "ImageLaterality": "R",
    "Laterality": "L",
    "PatientOrientation": ["L", "F"],
}
EXPECTED = DicomFacts(
    StudyFacts("1.2.3", date(2026, 3, 2), time(9, 14, 27, 500_000), "XR wrist, right", "A-4711"),
    SeriesFacts("1.2.3.4", 2, "Wrist pa", "CR", "Acme", "DR 5", "ROOM2"),
    InstanceFacts(
        "1.2.3.4.5",
        pictures.CR_CLASS,
        1,
        date(2026, 3, 2),
        time(9, 14, 27),
        date(2026, 3, 2),
        time(9, 14),
        (0.14, 0.15),
        (0.16, 0.16),
        "FIDUCIAL",
        (2048.0, 1500.0),
        (4096.0, 800.0),
        ("NORMAL", "BONE"),
        "MONOCHROME2",
        12,
        "R",
        "L\\F",
        presentation_lut_shape="IDENTITY",
    ),
)


def facts(**tags: object) -> DicomFacts:
    header = Dataset()
    for keyword, value in tags.items():
        tag = tag_for_keyword(keyword)
        header.add(DataElement(tag, dictionary_VR(tag), value, validation_mode=config.IGNORE))
    return read_facts(Header(header))


def test_everything_that_is_said_is_kept():
    found = read_radiograph(pictures.dicom(**WHOLE), "film.dcm").facts
    assert found == EXPECTED
    assert DicomFacts.from_json(found.as_json()) == found


def test_a_file_that_is_no_dicom_has_no_facts():
    assert read_radiograph(pictures.png(), "film.png").facts is None


@pytest.mark.parametrize(
    "text",
    [
        "Hand NOBODY",
        "nobody, Synthetic: hand",
        "Nöbody",
        "ID SECRET",
        "born 15.06.1980",
        "1980-06-15 hand",
        "15.6.1980",
        "800615",
        "6/15/80 hand",
        "HandNobody",
        "Pat771234",
    ],
)
def test_a_text_that_names_the_patient_is_left_out(text):
    patient = {
        "PatientName": "Nobody^Synthetic",
        "PatientID": "SECRET-77-1234",
        "PatientBirthDate": "19800615",
    }
    free = ("StudyDescription", "SeriesDescription", "StationName", "Manufacturer")
    found = facts(**patient, **dict.fromkeys(free, text))
    assert found == DicomFacts()
    found = facts(**dict.fromkeys(free, text))  # of somebody else it is kept
    assert found.study.study_description == found.series.station_name == text
    windows = {"WindowCenter": 10, "WindowWidth": 20, "WindowCenterWidthExplanation": text}
    assert facts(**patient, **windows).instance.window_center_width_explanation == ()


def test_a_letter_that_the_patient_s_name_has_too_says_nothing_of_them():
    found = facts(PatientName="L^A", StudyDescription="Hand L a.p.")
    assert found.study.study_description == "Hand L a.p."


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("20260302", date(2026, 3, 2)),
        ("2026-03-02", date(2026, 3, 2)),
        ("2026.03.02", date(2026, 3, 2)),
        *((said, None) for said in ("20260000", "", "2026", "02/03/2026", "10000101", "next week")),
    ],
)
def test_a_date_that_can_not_be_is_none(said, day):
    assert facts(StudyDate=said).study.study_date == day


def test_the_moment_of_acquisition_may_stand_in_one_value():
    found = facts(AcquisitionDateTime="20260302091427.25+0100").instance
    assert found.acquisition_date == date(2026, 3, 2)
    assert found.acquisition_time == time(9, 14, 27, 250_000)


@pytest.mark.parametrize("said", [[0.14, 0], [-1, 0.14], [0.14]])
def test_a_spacing_is_a_pair_of_lengths_or_none(said):
    assert facts(PixelSpacing=said).instance.pixel_spacing is None


def test_a_window_without_a_width_is_left_out_and_the_others_keep_their_names():
    found = facts(
        WindowCenter=[1, 2, 3],
        WindowWidth=[10, 0, 30],
        WindowCenterWidthExplanation=["one", "two", "three"],
    ).instance
    assert found.window_center == (1.0, 3.0)
    assert found.window_center_width_explanation == ("one", "three")


@pytest.mark.parametrize(
    "keyword", [*WHOLE, "Modality", "SOPClassUID", "PatientName", "BitsStored"]
)
def test_a_value_of_another_type_is_read_or_left_out(keyword):
    for vr, value in WRONG.values():
        header = Dataset()
        header[keyword] = DataElement(keyword, vr, value)
        found = read_facts(Header(header))
        assert DicomFacts.from_json(found.as_json()) == found


def test_an_odd_sequence_of_windows_is_none():
    header = Dataset()
    header["WindowCenter"] = DataElement("WindowCenter", "SQ", Sequence([Dataset()]))
    assert read_facts(Header(header)) == DicomFacts()


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("study", "study_date", "yesterday"),
        ("study", "study_date", 20260302),
        ("study", "study_time", "09:14:27+01:00"),
        ("study", "study_description", "x" * 65),
        ("study", "study_description", "two\nlines"),
        ("study", "patient_name", "Nobody"),
        ("series", "series_number", 2**40),
        ("series", "series_number", True),
        ("series", "modality", None),
        ("instance", "pixel_spacing", [0.14]),
        ("instance", "pixel_spacing", [0.14, -0.14]),
        ("instance", "pixel_spacing", [0.14, float("nan")]),
        ("instance", "window_center", [1.0]),
        ("instance", "window_center", list(map(float, range(99)))),
        ("instance", "window_center_width_explanation", ["one", "two", "three"]),
        ("instance", "bits_stored", "12"),
    ],
)
def test_an_answer_of_another_shape_is_not_believed(part, name, value):
    told = EXPECTED.as_json()
    told[part][name] = value
    with pytest.raises(ValueError):
        DicomFacts.from_json(told)
    for none in ({}, [], "x", {"study": {}, "series": {}, "instance": {}}):
        with pytest.raises(ValueError, match="other facts"):
            DicomFacts.from_json(none)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Müller^Anna", "Mueller Hand"),
        ("Mueller^Anna", "Hand Müller"),
        ("Doe^Jane", "JaneDoe wrist"),
        ("Li^Wei", "hand of Li"),
        ("山田^太郎", "山田太郎 左手"),
        ("王^芳", "王 wrist"),
    ],
)
def test_a_name_is_found_in_other_spellings_and_inside_words(name, text):
    header = {"SpecificCharacterSet": "ISO_IR 192", "StudyDescription": text}
    assert facts(**header, PatientName=name).study.study_description == ""
    assert facts(**header, PatientName="Nobody").study.study_description == text


def test_a_short_name_inside_a_word_is_an_accident():
    found = facts(PatientName="Li^Al", StudyDescription="Tibial plateau, lateral")
    assert found.study.study_description == "Tibial plateau, lateral"


@pytest.mark.parametrize(
    ("image", "series", "side"),
    [("L", "R", "L"), ("LEFT", "R", "L"), ("here", "R", "R"), ("", "R", "R"), ("X", "", "")],
)
def test_case_and_image_have_the_same_side(image, series, side):
    radiograph = read_radiograph(
        pictures.dicom(ImageLaterality=image, Laterality=series), "film.dcm"
    )
    assert radiograph.facts.instance.image_laterality == side
    assert radiograph.tags["side"] == side
