"""Complete pictures in the forms that devices write, beside the standard's: taken, and read exactly."""

import io
import struct

import numpy as np
import pytest
from pydicom import Dataset, dcmread, dcmwrite, uid
from pydicom.encaps import generate_frames

from classifier.dicom_dates import age_of, day_of
from classifier.dicom_truncation import DELIMITER
from classifier.radiograph import RefusedFile
from tests import pictures
from tests.classifier.test_radiograph import PACKED, TWELVE, read, refused


def stored(data: bytes, bits: int = 12) -> np.ndarray:
    found = read(data, "IM000001")
    assert found.bits == bits
    return found.pixels >> (16 - bits)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        *(("045Y", 45), ("45Y", 45), ("45", 45), ("045", 45), ("7y", 7), ("7 Y", 7), ("0Y", 0)),
        *(("023M", 1), ("3W", 0), ("400D", 1), ("", None), ("Y", None), ("4.5Y", 4)),
        *(("0", None), ("000", None), ("999Y", None), ("-3Y", None), ("45Years", 45), ("٤٥Y", 45)),
        *(
            ("0045Y", 45),
            ("Y045", 45),
            ("45 YRS", 45),
            ("45 ans", 45),
            ("45 AÑOS", 45),
            ("45岁", 45),
        ),
        *(
            ("4Y6M", 4),
            ("18 Monate", 1),
            ("6 months", 0),
            ("３Ｗ", 0),
            ("15DAYS", 0),
            ("NEWBORN", 0),
        ),
        *((">89Y", 89), ("90+", 90), (">18Y", None), ("<2Y", None), ("45-50", None), ("45J", None)),
        *(("45\\46", None), ("045X", None), ("forty", None)),
    ],
)
def test_an_age_is_read_in_the_forms_that_devices_write(text, years):
    assert age_of(text) == years
    if text.isascii():
        tags = read(pictures.dicom(PatientAge=text, PatientBirthDate=None)).tags
        assert tags["patient_age"] == years


@pytest.mark.parametrize(
    "text",
    [
        *("19800521", "1980.05.21", "1980-05-21", "1980/05/21", "1980-5-21", "1980:05:21 00:00:00"),
        *("19800521000000", "19800521120000.000000+0200", "21.05.1980", "21.5.1980", "21/05/1980"),
        *(
            "05/21/1980",
            "21 MAY 1980",
            "21-May-1980",
            "May 21, 1980",
            "1980年5月21日",
            "１９８００５２１",
        ),
    ],
)
def test_a_date_is_read_in_other_forms_too(text):
    assert day_of(text).isoformat() == "1980-05-21"
    if text.isascii():
        tags = read(pictures.dicom(PatientBirthDate=text, StudyDate="2026.04.30")).tags
        assert (tags["patient_age"], tags["study_date"]) == (45, "2026-04-30")


@pytest.mark.parametrize(
    "text",
    [
        "19800000",
        "01/05/1980",
        "31.02.1980",
        "1980",
        "00010101",
        "yesterday",
        "198005",
        "1 MAI 1980",
    ],
)
def test_an_impossible_date_is_none(text):
    assert day_of(text) is None


@pytest.mark.parametrize("keyword", ["HighBit", "SamplesPerPixel"])
def test_an_attribute_that_can_mean_one_thing_only_may_be_missing(keyword):
    assert (stored(pictures.dicom(TWELVE, **{keyword: None})) == TWELVE).all()


def test_bits_may_be_justified_to_the_left():
    assert (stored(pictures.dicom(TWELVE << 4, HighBit=15)) == TWELVE).all()
    assert (stored(pictures.dicom(TWELVE << 2, HighBit=13)) == TWELVE).all()
    # High Bit says so, and the values say otherwise: nothing of them is cut off.
    assert (stored(pictures.dicom(TWELVE, HighBit=15)) == TWELVE).all()


def test_a_packed_picture_that_is_said_to_be_justified_to_the_left_is_refused():
    """GDCM aborts the process over the contradiction, so it never gets it."""
    data = pictures.repacked(pictures.dicom(TWELVE), "JPEG2000Lossless")
    header = dcmread(io.BytesIO(data))
    header.HighBit = 15
    out = io.BytesIO()
    header.save_as(out)
    assert refused(out.getvalue()).code == "malformed_header"


@pytest.mark.parametrize("syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian])
@pytest.mark.parametrize("group", ["0008 alone", "0002 too"])
def test_a_data_set_without_preamble_is_read(syntax, group):
    part10 = pictures.dicom(TWELVE, syntax=syntax)
    if group == "0002 too":
        bare = part10[132:]
    else:
        header, out = dcmread(io.BytesIO(part10)), io.BytesIO()
        data_set = Dataset(header)
        dcmwrite(
            out,
            data_set,
            implicit_vr=syntax.is_implicit_VR,
            little_endian=True,
            enforce_file_format=False,
        )
        bare = out.getvalue()
    assert b"DICM" not in bare[:200]
    assert (stored(bare) == TWELVE).all()
    for cut in (140, len(bare) // 2, len(bare) - 2):
        with pytest.raises(RefusedFile):
            read(bare[:cut])


def test_a_file_that_only_begins_like_a_data_set_is_refused():
    assert refused(b"\x08\0\x05\0" + bytes(4000)).code != "unexpected"


def in_jp2(codestream: bytes) -> bytes:
    """The codestream in the boxes of a JP2 file, as ISO/IEC 15444-1 has them."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", 8 + len(content)) + kind + content

    size = struct.pack(">IIHBBBB", *TWELVE.shape, 1, 11, 7, 0, 0)
    colours = box(b"colr", b"\1\0\0" + struct.pack(">I", 17))
    return (
        box(b"jP  ", b"\r\n\x87\n")
        + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
        + box(b"jp2h", box(b"ihdr", size) + colours)
        + box(b"jp2c", codestream)
    )


def test_a_jp2_file_in_place_of_a_codestream_is_read():
    data = dcmread(io.BytesIO(pictures.repacked(pictures.dicom(TWELVE), "JPEG2000Lossless")))
    codestream = next(generate_frames(data.PixelData, number_of_frames=1)).rstrip(b"\0")
    wrapped = pictures.dicom(TWELVE, syntax=uid.JPEG2000Lossless, pixel_data=in_jp2(codestream))
    assert (stored(wrapped) == TWELVE).all()
    other = struct.pack(">II", 9_000, 9_000)  # a codestream of another size than the header's
    bomb = in_jp2(codestream[:8] + other + codestream[16:])
    refused(pictures.dicom(TWELVE, syntax=uid.JPEG2000Lossless, pixel_data=bomb))


ENDINGS = [b"", bytes(8), DELIMITER[:4] + b"\xff" * 4, DELIMITER[:3]]


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_whole_frame_without_its_delimiter_is_read(packing, ending):
    data = pictures.repacked(pictures.dicom(TWELVE), packing)
    assert data.endswith(DELIMITER)
    odd = data[: -len(DELIMITER)] + ending
    if packing == "RLELossless" and not ending.startswith(DELIMITER[:4]):
        # It has no end marker: zeros that fill a cut file can't be told from pixels.
        assert refused(odd).code == "truncated"
    else:
        assert (stored(odd) == TWELVE).all()


@pytest.mark.parametrize("packing", PACKED)
def test_a_cut_fragment_is_refused_whatever_ends_the_file(packing):
    data = pictures.repacked(pictures.dicom(TWELVE), packing)[: -len(DELIMITER)]
    for cut in range(2, 60):
        for ending in (b"", bytes(8), DELIMITER):
            with pytest.raises(RefusedFile):
                read(data[:-cut] + ending)


def tiff_of(*pages: np.ndarray, kinds: tuple[int, ...]) -> bytes:
    """Pages with their NewSubfileType: bit 0 says that it is a smaller copy of another page."""
    from PIL import Image
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    images = []
    for page, kind in zip(pages, kinds, strict=True):
        image = Image.fromarray(page)
        directory = ImageFileDirectory_v2()
        directory[254] = kind
        image.encoderinfo = {"tiffinfo": directory}
        images.append(image)
    out = io.BytesIO()
    images[0].save(
        out,
        "TIFF",
        save_all=True,
        append_images=images[1:],
        tiffinfo=images[0].encoderinfo["tiffinfo"],
    )
    return out.getvalue()


@pytest.mark.parametrize("preview", [0, 1])
def test_a_preview_in_a_tiff_is_no_second_picture(preview):
    full, small = pictures.pixels(), pictures.pixels(12, 16)
    pages, kinds = [full, small], [0, 1]
    if preview == 0:
        pages, kinds = pages[::-1], kinds[::-1]
    data = tiff_of(*pages, kinds=tuple(kinds))
    assert (read(data, "scan.tif").pixels == full).all()
    assert refused(tiff_of(full, full, kinds=(0, 0)), "scan.tif").code == "multiple_frames"
