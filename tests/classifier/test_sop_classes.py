"""What an object is, is said by its SOP class, and then by its modality."""

import io

import pytest
from pydicom import dcmread, uid

from tests import pictures
from tests.classifier.test_radiograph import TWELVE, read, refused

DX = "1.2.840.10008.5.1.4.1.1.1.1"
DX_FOR_PROCESSING = f"{DX}.1"
SCOUT = "1.2.840.10008.5.1.4.1.1.2"  # CT


@pytest.mark.parametrize("term", ["DR", "XR", "RX", "X-RAY", ""])
@pytest.mark.parametrize(("sop_class", "modality"), [(pictures.CR_CLASS, "CR"), (DX, "DX")])
def test_the_class_decides_where_the_modality_is_no_code(term, sop_class, modality):
    found = read(pictures.dicom(Modality=term, SOPClassUID=sop_class))
    assert found.modality == modality


@pytest.mark.parametrize(
    ("term", "sop_class"), [("CT", DX), ("MR", pictures.CR_CLASS), ("DR", SCOUT)]
)
def test_another_modality_stays_another_one(term, sop_class):
    found = refused(pictures.dicom(Modality=term, SOPClassUID=sop_class))
    assert found.code == "unsupported_modality"


def test_raw_values_of_a_detector_are_known_by_their_class():
    found = refused(pictures.dicom(Modality="DX", SOPClassUID=DX_FOR_PROCESSING))
    assert found.code == "for_processing"


@pytest.mark.parametrize(
    ("sop_class", "said"),
    [
        ("1.2.840.10008.1.3.10", "the index of a disc (DICOMDIR)"),
        ("1.2.840.10008.5.1.4.1.1.88.11", "a report (DICOM SR)"),
        ("1.2.840.10008.5.1.4.1.1.88.59", "a list of key images"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "a DICOM object without pixels"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "a presentation state"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "a document inside a DICOM file"),
        ("1.2.840.10008.5.1.4.1.1.77.1.4.1", "a video inside a DICOM file"),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", "a recorded waveform"),
    ],
)
def test_what_holds_no_picture_is_called_what_it_is(sop_class, said):
    found = refused(pictures.dicom(SOPClassUID=sop_class, Modality="SR", PixelData=None))
    assert found.code == "not_a_picture"
    assert said in found.reason
    assert "Leave it out" in found.reason


def test_a_packed_video_is_called_a_video_whatever_its_class():
    data = pictures.dicom(TWELVE, syntax=uid.MPEG2MPML, pixel_data=b"\0\0\1\xb3")
    found = refused(data)
    assert found.code == "not_a_picture"
    assert "a video" in found.reason


def test_a_deflated_report_is_never_unpacked():
    """It could be a bomb: it unpacks without limit, so its class is asked of the file meta."""
    data = pictures.dicom(syntax=uid.DeflatedExplicitVRLittleEndian)
    report = "1.2.840.10008.5.1.4.1.1.88.11"
    file = dcmread(io.BytesIO(data))
    file.file_meta.MediaStorageSOPClassUID = report
    out = io.BytesIO()
    file.save_as(out)
    broken = out.getvalue()[:-40]  # what is deflated can't be unpacked
    assert refused(broken).code == "not_a_picture"
