"""What is no radiograph that can be read is refused with a sentence, and a cut file never gives a picture."""

import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from classifier.dicom_truncation import DELIMITER
from classifier.radiograph import RefusedFile
from classifier.refused_file import MESSAGES, sentence, short_name
from tests import pictures
from tests.classifier.test_radiograph import GREY, PACKED, TWELVE, WIDE, read, refused

PET = "1.2.840.10008.5.1.4.1.1.128"

_TWO_FRAMES = pictures.dicom(np.vstack([TWELVE, TWELVE]), NumberOfFrames="2", Rows=48)
_APNG = pictures.saved(
    Image.fromarray(GREY), "PNG", save_all=True, append_images=[Image.fromarray(255 - GREY)]
)
_GIF = pictures.saved(Image.fromarray(GREY), "GIF")
_FLOAT = pictures.saved(Image.fromarray(GREY.astype(np.float32)), "TIFF")
_HIDDEN_BOMB = pictures.dicom(
    GREY, 8, uid.JPEGBaseline8Bit, pictures.jpeg(pictures.pixels(500, 500))
)


@pytest.mark.parametrize(
    ("data", "name", "code", "says"),
    [
        (b"", "a.jpg", "empty", "empty"),
        (b"Dear colleague,\n", "a.jpg", "not_an_image", "a text file"),
        (bytes(range(256)), "a.jpg", "not_an_image", "no kind of picture"),
        (bytes(128) + b"DICM" + bytes(range(256)), "a.dcm", "damaged", "is damaged"),
        (b"%PDF-1.7 ...", "a.pdf", "not_an_image", "a PDF document"),
        (_GIF, "a.gif", "not_an_image", "a GIF picture"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "a.heic", "not_an_image", "a HEIC or AVIF picture"),
        (b"\0\0\0\x18ftypavif" + bytes(40), "a.avif", "not_an_image", "a HEIC or AVIF picture"),
        (b"\0\0\0\x14ftypqt  " + bytes(40), "IMG_1.MOV", "not_an_image", "a video"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "IMG_2.MP4", "not_an_image", "a video"),
        (b"\0\0\0\x18ftypisom" + bytes(40), "IMG_3.jpg", "not_an_image", "a video"),
        (pictures.tiff(pages=2), "a.tif", "multiple_frames", "2 pictures"),
        (_APNG, "a.png", "multiple_frames", "2 pictures"),
        (_TWO_FRAMES, "a.dcm", "multiple_frames", "2 pictures"),
        (pictures.jpeg_cut_inside(), "a.jpg", "truncated", "cut off after"),
        (_FLOAT, "a.tif", "unsupported_pixels", "32 bit"),
        (pictures.dicom(PixelData=None), "a.dcm", "no_pixels", "no picture"),
        (pictures.dicom(Rows=0), "a.dcm", "no_pixels", "no picture"),
        (pictures.dicom(Modality="US"), "a.dcm", "unsupported_modality", "US"),
        (pictures.dicom(Modality="OT", SOPClassUID=PET), "a.dcm", "unsupported_modality", "OT"),
        (pictures.dicom(Modality=None, SOPClassUID=PET), "a.dcm", "unsupported_modality", "?"),
        (pictures.dicom(HighBit=10), "a.dcm", "unsupported_pixels", "12/16 bit"),
        (pictures.dicom(PresentationIntentType="FOR PROCESSING"), "a", "for_processing", "raw"),
        (
            pictures.dicom(syntax=uid.DeflatedExplicitVRLittleEndian),
            "a.dcm",
            "unsupported_syntax",
            "Deflated",
        ),
        (
            pictures.dicom(TWELVE, 12, uid.JPEGExtended12Bit, b"\xff\xd8\xff\xd9"),
            "a.dcm",
            "unsupported_syntax",
            "JPEG Extended",
        ),
        (_HIDDEN_BOMB, "a.dcm", "damaged", "damaged"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(data, name, code, says):
    found = refused(data, name)
    assert found.code == code
    assert says in found.reason


@pytest.mark.parametrize(
    "data", [pictures.png(), pictures.jpeg(), pictures.tiff(), pictures.dicom()]
)
def test_limits_are_checked_before_decoding(data):
    assert refused(data, bytes=len(data) - 1).code == "too_large"
    found = refused(data, pixels=48 * 64 - 1)
    assert found.code == "too_many_pixels"
    assert "64 × 48" in found.reason


def test_a_bomb_is_refused_by_its_header():
    bomb = pictures.bomb_png()
    assert len(bomb) < 100_000
    assert refused(bomb).code == "too_many_pixels"


WHOLE = {
    "jpeg": pictures.jpeg(),
    "progressive": pictures.jpeg(progressive=True),
    "png": pictures.png(),
    "png16": pictures.png(WIDE),
    "tiff": pictures.tiff(),
    "tiff16": pictures.tiff(WIDE),
    "lzw": pictures.tiff(compression="tiff_lzw"),
    "dicom": pictures.dicom(),
    "implicit": pictures.dicom(syntax=uid.ImplicitVRLittleEndian),
    "dicom_jpeg": pictures.dicom(GREY, 8, uid.JPEGBaseline8Bit, pictures.jpeg()),
    **{syntax: pictures.repacked(pictures.dicom(), syntax) for syntax in PACKED},
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_cut_file_never_gives_a_picture(kind):
    data = WHOLE[kind]
    read(data)
    cuts = {*np.linspace(1, len(data) - 1, 150, dtype=int), *range(len(data) - 24, len(data))}
    if data.endswith(DELIMITER):
        # What is cut off is the delimiter behind a complete frame, or its length. Nothing of the picture is
        # missing; only RLE, which has no end marker of its own, needs the delimiter's tag.
        needed = 4 if kind == "RLELossless" else 0
        for cut in range(len(data) - len(DELIMITER) + needed, len(data)):
            assert (read(data[:cut]).pixels == read(data).pixels).all()
            cuts -= {cut}
    if kind in ("jpeg", "progressive"):  # their end marker is two bytes, and no part of the picture
        cuts -= {len(data) - 2, len(data) - 1}
    for cut in cuts:
        refused(data[:cut])


@pytest.mark.parametrize("kind", ["tiff", "dicom"])
def test_a_cut_file_says_how_much_is_missing_where_that_is_known(kind):
    found = refused(WHOLE[kind][:-2000])
    assert found.code == "truncated"
    assert found.params["have"] < found.params["want"]
    assert f"{found.params['have']} of {found.params['want']} kB" in found.reason


@pytest.mark.parametrize("kind", ["jpeg", "progressive", "png", "png16", "tiff", "tiff16", "lzw"])
def test_a_changed_byte_gives_a_picture_or_a_refusal(kind):
    rng = np.random.default_rng(7)
    for _ in range(300):
        data = bytearray(WHOLE[kind])
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(256)
        try:
            read(bytes(data), pixels=1_000_000)
        except RefusedFile as found:
            assert found.code in MESSAGES


def test_names_in_sentences_are_short_and_harmless():
    name = "..\\x/" + "a" * 100 + "\u202egpj\n.jpg"
    shown = short_name(name)
    assert len(shown) <= 61
    assert shown.isprintable()
    assert shown.endswith(".jpg")
    assert shown in refused(b"", name).reason
    assert short_name("") == "file"


def test_a_page_can_say_it_in_another_language():
    found = refused(b"%PDF-", "a.pdf")
    german = {
        MESSAGES["not_an_image"]: "{name} ist {found}.",
        "a PDF document": "ein PDF-Dokument",
    }
    told = sentence(found.code, found.params, lambda text: german[text])
    assert told == "a.pdf ist ein PDF-Dokument."
