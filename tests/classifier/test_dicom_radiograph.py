"""DICOM: every syntax gives the pixels that were stored, with their window and what the header tells."""

import io

import numpy as np
import pytest
from pydicom import DataElement, Dataset, config, dcmread, uid

from classifier.radiograph import RefusedFile, read_radiograph
from tests import pictures
from tests.classifier.test_radiograph import GREY, PACKED, TWELVE, read, refused
from tests.conftest import DATA

needs_dicom_data = pytest.mark.skipif(
    not (DATA / "dicom").is_dir(), reason="the NEMA samples are not here (CALLUS_DATA)"
)


@pytest.mark.parametrize("bits", range(9, 17))
def test_stored_bits_are_shifted_to_the_full_range_and_nothing_is_lost(bits):
    stored = pictures.pixels(bits=bits)
    found = read(pictures.dicom(stored, bits), "a.dcm")
    assert (found.kind, found.bits, found.modality) == ("dicom", bits, "CR")
    assert found.pixels.dtype == np.uint16
    assert (found.pixels >> (16 - bits) == stored).all()


@pytest.mark.parametrize(
    "syntax",
    [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian],
)
def test_uncompressed_syntaxes_give_equal_pixels(syntax):
    assert (read(pictures.dicom(TWELVE, syntax=syntax)).pixels >> 4 == TWELVE).all()


@pytest.mark.parametrize("syntax", PACKED)
def test_lossless_syntaxes_give_equal_pixels(syntax):
    data = pictures.repacked(pictures.dicom(TWELVE), syntax)
    assert (read(data, "a.dcm").pixels >> 4 == TWELVE).all()


def test_jpeg_baseline_inside_dicom_is_read():
    data = pictures.dicom(GREY, 8, uid.JPEGBaseline8Bit, pictures.jpeg())
    found = read(data)
    assert (found.bits, found.pixels.dtype) == (8, np.uint8)
    assert np.abs(found.pixels.astype(int) - GREY).mean() < 2


def edges(found):
    """The last black code and the first white one of the curve that counts."""
    grey = found.display.tables[0].grey
    yield np.flatnonzero(grey == 0).max()
    yield np.flatnonzero(grey == 255).min()


@pytest.mark.parametrize("shape", [None, "INVERSE"])
def test_monochrome1_is_turned_to_bright_bone_with_its_window_and_once(shape):
    data = pictures.dicom(
        4095 - TWELVE,
        PhotometricInterpretation="MONOCHROME1",
        PresentationLUTShape=shape,
        WindowCenter="1000",
        WindowWidth="400",
    )
    found = read(data)
    assert (found.pixels >> 4 == TWELVE).all()
    assert list(edges(found)) == [4095 - 1199, 4095 - 800]


def test_signed_values_are_lifted_above_zero():
    signed = TWELVE.astype(np.int16) - 2048
    found = read(pictures.dicom(signed, WindowCenter="0", WindowWidth="100"))
    assert (found.pixels >> 4 == TWELVE).all()
    assert list(edges(found)) == [2048 - 50, 2048 + 49]


def test_a_rescale_moves_the_window_and_leaves_the_pixels():
    data = pictures.dicom(
        TWELVE, RescaleSlope="2", RescaleIntercept="-1000", WindowCenter="1000", WindowWidth="600"
    )
    found = read(data)
    assert (found.pixels >> 4 == TWELVE).all()
    assert list(edges(found)) == [850, 1149]


def test_a_negative_slope_turns_the_picture_round():
    found = read(pictures.dicom(4095 - TWELVE, RescaleSlope="-1", RescaleIntercept="4095"))
    assert (found.pixels >> 4 == TWELVE).all()


def test_a_modality_lut_is_applied():
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 16]
    table.LUTData = np.sqrt(np.arange(4096) * 2**20).astype("<u2").tobytes()
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    found = read(pictures.dicom(TWELVE, ModalityLUTSequence=[table]))
    assert found.bits == 16
    assert (found.pixels == np.sqrt(TWELVE.astype(float) * 2**20).astype(np.uint16)).all()


def test_overlay_bits_above_the_stored_ones_are_dropped():
    assert (read(pictures.dicom(TWELVE | 0x8000)).pixels >> 4 == TWELVE).all()


@pytest.mark.parametrize("modality", ["OT", "SC", None])
def test_a_colour_secondary_capture_becomes_grey(modality):
    colour = np.dstack([GREY] * 3)
    data = pictures.dicom(colour, 8, SOPClassUID=pictures.CAPTURE_CLASS, Modality=modality)
    found = read(data)
    assert (found.bits, found.modality) == (8, modality or "")
    assert (found.pixels == GREY).all()


def test_tags_hold_what_intake_asks_and_no_name():
    data = pictures.dicom(
        AccessionNumber="A\u00b5-1",
        SpecificCharacterSet="ISO_IR 192",
        PatientSex="F",
        PatientAge="018M",
        BodyPartExamined="Wrist",
        Laterality="L",
        ViewPosition="pa",
        StudyInstanceUID="1.2.3",
    )
    tags = read(data).tags
    assert tags | {"instance_uid": ""} == {
        "accession_number": "Aµ-1",
        "patient_age": 1,
        "sex": "F",
        "body_part": "WRIST",
        "side": "L",
        "projection": "PA",
        "study_date": "2026-01-01",
        "study_uid": "1.2.3",
        "series_uid": "",
        "instance_uid": "",
    }
    assert not any(word in str(tags) for word in ("Nobody", "SECRET", "1980"))


def test_the_age_comes_from_the_birth_date_where_no_age_is_given():
    assert read(pictures.dicom()).tags["patient_age"] == 45
    assert read(pictures.dicom(PatientBirthDate="19xx")).tags["patient_age"] is None


TOLD = (  # what intake and the comparison of patients ask for; the picture is whole without it
    *("AccessionNumber", "PatientAge", "PatientSex", "PatientBirthDate", "PatientID"),
    *("IssuerOfPatientID", "BodyPartExamined", "AnatomicRegionSequence", "Laterality"),
    *("ImageLaterality", "ViewPosition", "StudyDate", "AcquisitionDate", "StudyInstanceUID"),
    *("SeriesInstanceUID", "WindowCenter", "WindowWidth", "PresentationIntentType"),
    *("VOILUTSequence", "VOILUTFunction", "WindowCenterWidthExplanation", "PresentationLUTShape"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit", "PixelSpacing", "PixelAspectRatio"),
    *("ShutterShape", "ShutterUpperHorizontalEdge", "ShutterOverlayGroup"),
)
LAYOUT = (
    *("Modality", "SOPClassUID", "SOPInstanceUID", "Rows", "Columns", "NumberOfFrames"),
    *("PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit", "SamplesPerPixel"),
    *("PixelRepresentation", "PlanarConfiguration", "RescaleSlope", "RescaleIntercept"),
    *("ModalityLUTSequence", "SpecificCharacterSet"),
)
ODD = [
    *(("CS", "X"), ("CS", ["A", "B"]), ("LO", ""), ("SQ", []), ("SQ", [Dataset()])),
    *(("SQ", [Dataset(), Dataset()]), ("US", [7, 8]), ("US", 0), ("OB", b"ABC"), ("UN", b"\x01")),
    *(("FD", 1e300), ("FD", float("nan")), ("DS", "abc"), ("IS", "abc"), ("DA", "19xx")),
]


def with_odd_element(keyword: str, vr: str, value: object) -> bytes:
    """A DICOM file, one element of which has another value representation than the standard says."""
    header = dcmread(io.BytesIO(pictures.dicom()))
    header.pop(keyword, None)
    header[keyword] = DataElement(keyword, vr, value, validation_mode=config.IGNORE)
    out = io.BytesIO()
    header.save_as(out)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("keyword", [*TOLD, *LAYOUT])
def test_an_element_of_any_type_gives_a_picture_or_a_refusal(keyword):
    """Whatever stands there: what only tells of the picture makes no picture unreadable."""
    tried = 0
    for vr, value in ODD:
        try:
            data = with_odd_element(keyword, vr, value)
        except Exception:  # pydicom can't write this one
            continue
        tried += 1
        try:
            found = read(data)
        except RefusedFile as refused:
            assert keyword in LAYOUT or refused.code == "for_processing", (vr, value)
        else:
            told = [each for each in found.tags.values() if isinstance(each, str)]
            assert not any("Sequence" in each or "b'" in each or "[" in each for each in told)
    assert tried >= 8


@needs_dicom_data
@pytest.mark.parametrize("patient", ["RG1", "RG2", "RG3"])
def test_variants_of_one_nema_radiograph_agree(patient):
    files = sorted((DATA / "dicom").glob(f"{patient}_*.dcm"))
    found = {file.name: read(file.read_bytes(), file.name) for file in files}
    lossless = [each.pixels for name, each in found.items() if "JLSN" not in name]
    assert all((each == lossless[0]).all() for each in lossless)
    for name, each in found.items():
        stored = 16 - each.bits
        off = np.abs((each.pixels >> stored).astype(int) - (lossless[0] >> stored))
        assert off.max() <= 10, name  # near-lossless JPEG-LS of these files allows that much


@needs_dicom_data
@pytest.mark.parametrize(("name", "modality"), [("CT1_JLSN.dcm", "CT"), ("MR1_J2KI.dcm", "MR")])
def test_other_modalities_are_refused_by_name(name, modality):
    found = refused((DATA / "dicom" / name).read_bytes(), name)
    assert found.code == "unsupported_modality"
    assert modality in found.reason


@needs_dicom_data
@pytest.mark.parametrize(("name", "modality"), [("CT1_JLSN.dcm", "CT"), ("MR1_J2KI.dcm", "MR")])
def test_other_modalities_decode_for_the_classifier_to_say_why_not(name, modality):
    found = read_radiograph((DATA / "dicom" / name).read_bytes(), name, any_modality=True)
    assert found.modality == modality
    assert found.pixels.std() > 0


def test_what_is_for_processing_is_refused_whatever_the_modality():
    data = pictures.dicom(Modality="CT", PresentationIntentType="FOR PROCESSING")
    with pytest.raises(RefusedFile, match="FOR PROCESSING"):
        read_radiograph(data, "a.dcm", any_modality=True)
