"""The inputs after public reports, read as their expect.md says. Skipped where the folder is absent."""

import numpy as np
import pytest

from classifier.display import shown
from classifier.radiograph import Radiograph, RefusedFile, read_radiograph
from tests.classifier.test_against_dcmtk import DCMJ2PNM, dcmtk
from tests.conftest import DATA

FIELD = DATA / "field"
pytestmark = pytest.mark.skipif(not FIELD.is_dir(), reason=f"{FIELD} is not there")

TAKEN = [
    *("03-monochrome1-and-inverse/mono1-inverse.dcm", "07-eight-bits-in-sixteen/bits-8-of-16.dcm"),
    *("07-eight-bits-in-sixteen/signed-12-not-extended.dcm", "08-no-preamble/implicit-no-meta.dcm"),
    *("11-trailing-bytes/zeros-behind.dcm", "11-trailing-bytes/excess-in-pixel-data.dcm"),
    *("12-pixel-module-gaps/no-high-bit.dcm", "13-modality-dr/modality-dr.dcm"),
    *("15-null-padded-words/null-padded.dcm", "16-character-sets/charset-nonsense.dcm"),
    *("18-colour-captures/planar-1.dcm", "18-colour-captures/palette-says-8-has-16.dcm"),
    *("22-values-of-the-wrong-kind/frames-1.0.dcm", "23-tiff-with-thumbnail/scan-with-preview.tif"),
    *("22-values-of-the-wrong-kind/window-words.dcm", "26-cmyk-jpeg/cmyk-adobe.jpg"),
    *("38-fragments/seven-fragments-empty-bot.dcm", "39-flat-and-tiny-windows/all-zero.dcm"),
]
REFUSED = {
    "12-pixel-module-gaps/no-pixel-representation.dcm": "PixelRepresentation",
    "21-no-pictures-in-dicom/DICOMDIR": "the index of a disc",
    "22-values-of-the-wrong-kind/rows-as-text.dcm": "Rows in its DICOM header",
    "22-values-of-the-wrong-kind/slope-word.dcm": "RescaleSlope in its DICOM header",
    "27-video-from-a-phone/IMG_0001.MOV": "a video",
    "27-video-from-a-phone/IMG_0002.MP4": "a video",
    "27-video-from-a-phone/IMG_0003.HEIC": "a HEIC or AVIF picture",
}
# The same picture in an odd form and in a plain one.
ALIKE = [
    ("09-jp2-in-dicom/jp2-wrapped.dcm", "09-jp2-in-dicom/control-raw-codestream.dcm"),
    ("10-delimiter/no-delimiter.dcm", "10-delimiter/control.dcm"),
    ("10-delimiter/nulls-for-delimiter.dcm", "10-delimiter/control.dcm"),
    ("13-modality-dr/modality-dr.dcm", "13-modality-dr/modality-dx.dcm"),
]
SIGNED = "28-signed-and-compressed"
AGES = {"age-45Y": 45, "age-two-digits": 45, "age-lower": 45, "age-padded": 45, "age-days": 0}


def read(path: str) -> Radiograph:
    return read_radiograph((FIELD / path).read_bytes(), path.rpartition("/")[2])


@pytest.mark.parametrize("path", TAKEN)
def test_a_whole_picture_is_taken(path):
    assert min(read(path).pixels.shape) >= 160


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_no_picture_is_called_what_it_is(path):
    with pytest.raises(RefusedFile) as refused:
        read(path)
    assert REFUSED[path] in refused.value.reason


@pytest.mark.parametrize(("odd", "plain"), ALIKE)
def test_an_odd_form_gives_the_plain_one_s_pixels(odd, plain):
    assert np.array_equal(read(odd).pixels, read(plain).pixels)


def seen(path: str) -> np.ndarray:
    """(H, W) int, as a reader sees it."""
    found = read(path)
    return shown(found.pixels, found.bits, found.display).astype(int)


@pytest.mark.skipif(DCMJ2PNM is None, reason="dcmj2pnm is not installed (package dcmtk)")
@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("01-voi-lut-sequence/only-voi-lut.dcm", "+Wl"),
        ("03-monochrome1-and-inverse/mono1-inverse.dcm", "+Wi"),
        ("19-overlay-marker/overlay-marker.dcm", "+Wi"),
        ("39-flat-and-tiny-windows/window-width-1.dcm", "+Wi"),
    ],
)
def test_it_is_shown_as_dcmtk_shows_it(path, option):
    assert np.abs(seen(path) - dcmtk((FIELD / path).read_bytes(), option, "1")).mean() < 2


@pytest.mark.parametrize("name", ["window-off-data", "window-128-256"])
def test_a_window_beside_the_data_shows_the_data_and_says_so(name):
    path = f"04-window-beside-the-data/{name}.dcm"
    assert read(path).display.by == "values_beside_window"
    assert seen(path).std() > 40


@pytest.mark.parametrize("name", ["padding", "padding-mono1"])
def test_inside_padding_the_picture_is_the_one_without(name):
    padded, plain = (f"05-pixel-padding/{each}.dcm" for each in (name, "without-padding"))
    outside = read(padded).display.outside
    assert (seen(padded)[outside] == 0).all()
    assert np.abs(seen(padded) - seen(plain))[~outside].mean() < 6
    spread, plain_spread = (
        np.ptp(np.percentile(read(path).pixels, (0.5, 99.5))) for path in (padded, plain)
    )
    assert spread == pytest.approx(plain_spread, rel=0.02)


@pytest.mark.parametrize("name", ["empty-window", "small-slope-width-below-1"])
def test_a_tiny_window_makes_no_black_picture(name):
    assert seen(f"39-flat-and-tiny-windows/{name}.dcm").std() > 40


@pytest.mark.parametrize("name", AGES)
def test_an_age_is_read_in_its_form(name):
    assert read(f"17-age-forms/{name}.dcm").tags["patient_age"] == AGES[name]


CAPTURES = ("planar-1", "ybr-full", "palette-8bit", "palette-16bit", "palette-says-8-has-16")


@pytest.mark.parametrize("name", CAPTURES)
def test_a_colour_capture_keeps_its_greys_in_every_layout(name):
    plain = seen("18-colour-captures/planar-1.dcm")
    assert np.abs(seen(f"18-colour-captures/{name}.dcm") - plain).mean() < 3


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("26-cmyk-jpeg/cmyk-adobe.jpg", "26-cmyk-jpeg/grey.jpg"),
        (f"{SIGNED}/j2k-unsigned-codestream.dcm", f"{SIGNED}/control-raw.dcm"),
        (f"{SIGNED}/jpegls-signed-12.dcm", f"{SIGNED}/control-raw.dcm"),
    ],
)
def test_another_form_of_the_same_picture_has_its_greys(odd, plain):
    assert np.abs(seen(odd) - seen(plain)).mean() < 1.5
