"""A DICOM header's value may have any type: the picture is read without it, or the file is refused."""

import numpy as np
import pytest
from pydicom import DataElement, Dataset, Sequence, uid

from classifier import radiograph
from classifier.dicom_header import Header
from classifier.radiograph import RefusedFile, read_radiograph
from tests import pictures

PIXELS = (
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "SamplesPerPixel"),
    *("PixelRepresentation", "NumberOfFrames", "PhotometricInterpretation"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence"),
)
WORDS = (
    *("Modality", "SOPClassUID", "SOPInstanceUID", "PresentationIntentType", "BodyPartExamined"),
    *("AnatomicRegionSequence", "ViewPosition", "Laterality", "StudyDate", "PatientSex"),
    *("PatientAge", "PatientBirthDate", "AccessionNumber", "PatientID", "StudyInstanceUID"),
    *("WindowCenter", "WindowWidth"),
)


def items(count: int) -> Sequence:
    return Sequence([Dataset() for _ in range(count)])


WRONG = {
    "text": ("LO", "X"),
    "number as text": ("LO", "48"),
    "texts": ("LO", ["48", "48"]),
    "nothing": ("LO", ""),
    "number": ("US", 7),
    "numbers": ("US", [48, 64]),
    "fraction": ("FD", 47.5),
    "infinite": ("FD", float("inf")),
    "no number": ("FD", float("nan")),
    "bytes": ("OB", b"\1\2"),
    "tag": ("AT", 0x00100010),
    "name": ("PN", "A^B"),
    "no item": ("SQ", items(0)),
    "an item": ("SQ", items(1)),
    "items": ("SQ", items(2)),
}


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.JPEGBaseline8Bit])
@pytest.mark.parametrize("keyword", [*PIXELS, *WORDS])
def test_a_value_of_another_type_gives_a_picture_or_a_foreseen_refusal(keyword, syntax):
    packed = syntax == uid.JPEGBaseline8Bit
    frame = (pictures.pixels(), 8, syntax, pictures.jpeg()) if packed else ()
    for kind, (vr, value) in WRONG.items():
        data = pictures.dicom(*frame, **{keyword: DataElement(keyword, vr, value)})
        try:
            found = read_radiograph(data, "film.dcm")
        except RefusedFile as refused:
            assert refused.code != "unexpected", kind
            assert "film.dcm" in refused.reason
        else:
            assert found.pixels.shape == (48, 64)
            assert isinstance(found.modality, str)
            assert all(isinstance(value, str | int | None) for value in found.tags.values())


@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [
        ("Rows", "LO", "48"),
        ("Columns", "SQ", items(1)),
        ("BitsStored", "CS", "TWELVE"),
        ("NumberOfFrames", "LO", "one"),
        ("RescaleSlope", "LO", "n.a."),
        ("ModalityLUTSequence", "LO", "none"),
    ],
)
def test_a_wrong_value_that_the_pixels_need_is_named(keyword, vr, value):
    """Never left out of account: a rescale may turn a picture round."""
    with pytest.raises(RefusedFile) as caught:
        read_radiograph(pictures.dicom(**{keyword: DataElement(keyword, vr, value)}), "film.dcm")
    assert caught.value.code == "malformed_header"
    assert f"film.dcm can't be read: {keyword} in its DICOM header" in caught.value.reason


@pytest.mark.parametrize(("vr", "value"), [("CS", "X"), ("UT", "Hand"), ("SQ", items(3))])
def test_an_anatomic_region_of_another_kind_says_nothing(vr, value):
    region = DataElement("AnatomicRegionSequence", vr, value)
    found = read_radiograph(pictures.dicom(AnatomicRegionSequence=region), "film.dcm")
    assert found.tags["body_part"] == ""


@pytest.mark.parametrize("colours", [1, 3])
def test_pixel_data_for_several_pictures_is_no_picture(colours):
    """Of twice the pixels pydicom makes an array of two pictures, which nothing behind it can read."""
    stored = np.zeros((48, 64, 3), np.uint8) if colours == 3 else pictures.pixels()
    with pytest.raises(RefusedFile) as caught:
        read_radiograph(pictures.dicom(stored, 8, Rows=24), "film.dcm", any_modality=True)
    assert caught.value.code == "damaged"


def test_a_count_of_frames_may_be_a_text():
    one = DataElement("NumberOfFrames", "LO", "1")
    assert read_radiograph(pictures.dicom(NumberOfFrames=one), "a.dcm").pixels.shape == (48, 64)


def test_a_value_has_the_type_that_was_asked_for_or_is_none():
    data_set = Dataset()
    data_set.Rows = 48
    data_set.WindowCenter = [40, 80]
    data_set.BodyPartExamined = ["HAND", "WRIST"]
    data_set["PatientAge"] = DataElement("PatientAge", "OB", b"\1")
    header = Header(data_set)
    assert (header.integer("Rows"), header.text("Rows"), header.items("Rows")) == (48, "48", [])
    assert (header.number("WindowCenter", 1), header.integer("WindowCenter")) == (80.0, None)
    assert header.number("WindowCenter", 2) is None
    assert header.line("BodyPartExamined") == "HAND\\WRIST"
    assert (header.text("PatientAge"), header.has("PatientAge")) == ("", True)
    assert (header.integer("Columns"), header.content("Rows")) == (None, None)
    assert not header.has("Columns")


@pytest.mark.parametrize("error", [AttributeError, ZeroDivisionError, RecursionError])
def test_an_error_that_nobody_foresaw_is_a_refusal_and_its_words_stay_here(
    error, monkeypatch, caplog
):
    """Python's errors quote the value that they stumble over."""

    def broken(data, name, limits):
        raise error("DOE^JOHN")

    monkeypatch.setitem(radiograph._READERS, "png", broken)
    with pytest.raises(RefusedFile) as caught:
        read_radiograph(pictures.png(np.zeros((8, 8), np.uint8)), "film.png")
    assert caught.value.code == "unexpected"
    assert "DOE" not in caught.value.reason + caplog.text
    assert f"{error.__name__} in test_dicom_values.py" in caplog.text
