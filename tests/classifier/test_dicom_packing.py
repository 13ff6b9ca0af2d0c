"""The same picture however it is laid out or packed: fragments, padding, signs, planes, palettes."""

import io

import numpy as np
import pytest
from PIL import Image
from pydicom import DataElement, dcmread, uid
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames

from tests import pictures
from tests.classifier.test_dicom_forms import stored
from tests.classifier.test_radiograph import GREY, PACKED, TWELVE, read

COLOUR = np.stack([GREY, GREY // 2, GREY // 3], axis=-1)
SIGNED = TWELVE.astype(np.int16) - 2048


def changed(data: bytes, **values: object) -> bytes:
    """The file with other values of its elements; an encapsulated picture stays one."""
    header = dcmread(io.BytesIO(data))
    packed = header["PixelData"].is_undefined_length
    for keyword, value in values.items():
        setattr(header, keyword, value)
    header["PixelData"].is_undefined_length = packed
    out = io.BytesIO()
    header.save_as(out)
    return out.getvalue()


@pytest.mark.parametrize("packing", sorted(set(PACKED) - {"RLELossless"}))
@pytest.mark.parametrize("said", [8, 10])
def test_a_codestream_that_is_deeper_than_the_header_says_keeps_its_greys(packing, said):
    """Blanked to the header's bits it would be a film of stripes, and the model would read those."""
    whole = pictures.repacked(pictures.dicom(TWELVE), packing)
    assert (stored(changed(whole, BitsStored=said, HighBit=said - 1)) == TWELVE).all()


@pytest.mark.parametrize("packing", sorted(set(PACKED) - {"RLELossless"}))
def test_a_codestream_that_uses_fewer_bits_than_the_header_says_keeps_its_range(packing):
    whole = pictures.repacked(pictures.dicom(TWELVE), packing)
    assert (stored(changed(whole, BitsStored=14, HighBit=13), bits=14) == TWELVE).all()


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("has_offsets", [False, True])
def test_a_frame_in_several_fragments_is_read(packing, has_offsets):
    whole = pictures.repacked(pictures.dicom(TWELVE), packing)
    frame = next(generate_frames(dcmread(io.BytesIO(whole)).PixelData, number_of_frames=1))
    in_seven = encapsulate([frame], fragments_per_frame=7, has_bot=has_offsets)
    assert in_seven.count(b"\xfe\xff\x00\xe0") == 8  # and the table of offsets
    assert (stored(changed(whole, PixelData=in_seven)) == TWELVE).all()


@pytest.mark.parametrize("packing", PACKED)
def test_a_frame_with_an_extended_table_of_offsets_is_read(packing):
    whole = pictures.repacked(pictures.dicom(TWELVE), packing)
    frame = next(generate_frames(dcmread(io.BytesIO(whole)).PixelData, number_of_frames=1))
    data, offsets, lengths = encapsulate_extended([frame])
    tables = {"ExtendedOffsetTable": offsets, "ExtendedOffsetTableLengths": lengths}
    assert (stored(changed(whole, PixelData=data, **tables)) == TWELVE).all()


@pytest.mark.parametrize("behind", [b"\0", bytes(2000), b"\0" * 7])
def test_zeros_behind_the_data_set_are_ignored(behind):
    assert (stored(pictures.dicom(TWELVE) + behind) == TWELVE).all()


@pytest.mark.parametrize("excess", [2, 4000])
def test_what_fills_up_pixel_data_is_ignored(excess):
    padded = changed(pictures.dicom(TWELVE), PixelData=TWELVE.tobytes() + bytes(excess))
    assert (stored(padded) == TWELVE).all()


def test_a_picture_of_an_odd_number_of_bytes_is_read():
    odd = GREY[:47, :63]
    assert odd.size % 2
    assert (read(pictures.dicom(odd, 8)).pixels == odd).all()


@pytest.mark.parametrize("packing", PACKED)
def test_signed_values_survive_codecs_that_know_no_sign(packing):
    data = pictures.repacked(pictures.dicom(SIGNED), packing)
    assert (stored(data) == TWELVE).all()


def test_a_codestream_without_a_sign_holds_signed_values():
    """The header says that the values are signed; the codec was given their bits."""
    bits = SIGNED.view(np.uint16)
    unsigned = pictures.repacked(pictures.dicom(bits, 16), "JPEG2000Lossless")
    found = read(changed(unsigned, PixelRepresentation=1))
    assert (found.pixels == SIGNED.astype(np.int32) + 32768).all()


def table(values: np.ndarray, bits: int, keyword: str) -> dict[str, object]:
    """A palette of one colour: descriptor and data."""
    data = values.astype("<u2" if values.max() > 255 or bits == 16 else "u1").tobytes()
    return {
        f"{keyword}PaletteColorLookupTableDescriptor": DataElement(
            f"{keyword}PaletteColorLookupTableDescriptor", "US", [len(values) % 65536, 0, bits]
        ),
        f"{keyword}PaletteColorLookupTableData": DataElement(
            f"{keyword}PaletteColorLookupTableData", "OW", data
        ),
    }


def palette(values: np.ndarray, bits: int) -> dict[str, object]:
    colours = [table(values, bits, colour) for colour in ("Red", "Green", "Blue")]
    return {keyword: element for colour in colours for keyword, element in colour.items()}


RAMP = np.arange(256)
CAPTURE = {"SOPClassUID": pictures.CAPTURE_CLASS, "Modality": "OT"}
PALETTES = {
    "8 bits": palette(RAMP, 8),
    "16 bits": palette(RAMP * 257, 16),
    "16 bits, called 8": palette(RAMP * 257, 8),
}


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_of_greys_gives_its_greys(name):
    data = pictures.dicom(
        GREY, 8, PhotometricInterpretation="PALETTE COLOR", **CAPTURE, **PALETTES[name]
    )
    assert (read(data).pixels == GREY).all()


def test_colours_in_planes_are_those_in_pixels():
    one = read(pictures.dicom(COLOUR, 8, **CAPTURE)).pixels
    planes = np.ascontiguousarray(COLOUR.transpose(2, 0, 1)).tobytes()
    data = pictures.dicom(COLOUR, 8, PlanarConfiguration=1, PixelData=planes, **CAPTURE)
    assert (read(data).pixels == one).all()
    assert one.std() > 20


@pytest.mark.parametrize("syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian])
def test_luminance_and_chrominance_are_the_colours(syntax):
    other = np.asarray(Image.fromarray(COLOUR).convert("YCbCr"))
    one = read(pictures.dicom(COLOUR, 8, **CAPTURE)).pixels
    data = pictures.dicom(other, 8, syntax, PhotometricInterpretation="YBR_FULL", **CAPTURE)
    assert np.abs(read(data).pixels.astype(int) - one).max() <= 2
