"""What is shown is what DCMTK's dcmj2pnm shows of the same file: an independent reading of the standard.

Compared by mean absolute difference of greys, never by correlation, which a clipped cortex hardly changes.
Skipped where dcmj2pnm is not installed (Debian's package dcmtk).
"""

import io
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from classifier.display import shown
from classifier.radiograph import read_radiograph
from tests import pictures
from tests.classifier.drawn_dicom import curve, elements, embedded_overlay, lut, overlay

DCMJ2PNM = shutil.which("dcmj2pnm")
pytestmark = [
    pytest.mark.skipif(DCMJ2PNM is None, reason="dcmj2pnm is not installed (package dcmtk)"),
    pytest.mark.filterwarnings("ignore"),  # pydicom on values that devices write
]
FILM = pictures.pixels(120, 160, bits=12)
SIGNED = FILM.astype(np.int16) - 2048
WINDOW = {"WindowCenter": "1900", "WindowWidth": "1500"}
WHITE_ZERO = {"PhotometricInterpretation": "MONOCHROME1"}
MARK = np.zeros((40, 60), bool)
MARK[5:30, 10:50] = True
WHOLE_MARK = np.zeros(FILM.shape, bool)
WHOLE_MARK[20:50, 30:90] = True

# name → (stored values, header, options of dcmj2pnm)
SHOWN = {
    "window": (FILM, WINDOW, ["+Wi", "1"]),
    "the first of two windows": (
        FILM,
        {"WindowCenter": ["1900", "900"], "WindowWidth": ["1500", "400"]},
        ["+Wi", "1"],
    ),
    "a window of width 1": (FILM, {"WindowCenter": "2000", "WindowWidth": "1"}, ["+Wi", "1"]),
    "sigmoid": (FILM, {**WINDOW, "VOILUTFunction": "SIGMOID"}, ["+Wi", "1"]),
    "white is zero": (4095 - FILM, {**WINDOW, **WHITE_ZERO}, ["+Wi", "1"]),
    "inverse, once": (
        4095 - FILM,
        {**WINDOW, **WHITE_ZERO, "PresentationLUTShape": "INVERSE"},
        ["+Wi", "1"],
    ),
    "signed": (SIGNED, {"WindowCenter": "-100", "WindowWidth": "1500"}, ["+Wi", "1"]),
    "rescaled": (
        FILM,
        {
            "RescaleSlope": "2",
            "RescaleIntercept": "-1000",
            "WindowCenter": "2800",
            "WindowWidth": "3000",
        },
        ["+Wi", "1"],
    ),
    "rescaled by a negative slope": (
        4095 - FILM,
        {"RescaleSlope": "-1", "RescaleIntercept": "4095", **WINDOW},
        ["+Wi", "1"],
    ),
    "white is zero, rescaled by a negative slope": (
        FILM,
        {"RescaleSlope": "-1", "RescaleIntercept": "4095", **WINDOW, **WHITE_ZERO},
        ["+Wi", "1"],
    ),
    "table": (FILM, {"VOILUTSequence": [lut(curve(), bits=12)]}, ["+Wl", "1"]),
    "table of 8 bits": (FILM, {"VOILUTSequence": [lut(curve(bits=8), bits=8)]}, ["+Wl", "1"]),
    "table of 16 bits over some values": (
        FILM,
        {"VOILUTSequence": [lut(curve(1500, 16), 1200, 16)]},
        ["+Wl", "1"],
    ),
    "a table comes before a window": (
        FILM,
        {"VOILUTSequence": [lut(curve(), bits=12)], "WindowCenter": "900", "WindowWidth": "50"},
        ["+Wl", "1"],
    ),
    "table of signed values": (
        SIGNED,
        {"VOILUTSequence": [lut(curve(), -2048, 12)]},
        ["+Wl", "1"],
    ),
    "table, white is zero": (
        4095 - FILM,
        {**WHITE_ZERO, "VOILUTSequence": [lut(curve(), bits=12)]},
        ["+Wl", "1"],
    ),
    "modality LUT and window": (
        FILM,
        {
            "ModalityLUTSequence": [lut(np.sqrt(np.arange(4096) * 4096.0), bits=12)],
            "WindowCenter": "2600",
            "WindowWidth": "2000",
        },
        ["+Wi", "1"],
    ),
    "padding that no stored value is, and a saturated implant": (
        np.where(WHOLE_MARK, 4095, FILM).astype(np.uint16),
        {**WINDOW, "PixelPaddingValue": 65535},
        ["+Wi", "1"],
    ),
    "a range of padding of the film's own greys": (
        FILM,
        {**WINDOW, "PixelPaddingValue": 0, "PixelPaddingRangeLimit": 2096},
        ["+Wi", "1"],
    ),
    "overlay": (FILM, {**WINDOW, **elements(overlay(MARK, (20, 30)))}, ["+Wi", "1"]),
    "overlay in a bit of the pixels": (
        FILM | (WHOLE_MARK.astype(np.uint16) << 13),
        {**WINDOW, **elements(embedded_overlay(FILM.shape, 13))},
        ["+Wi", "1"],
    ),
    "overlay that begins outside": (
        FILM,
        {**WINDOW, **elements(overlay(MARK, (-9, -19)))},
        ["+Wi", "1"],
    ),
}


def dcmtk(data: bytes, *options: str) -> np.ndarray:
    """(H, W) uint8, as dcmj2pnm shows the file."""
    ended = subprocess.run(
        [DCMJ2PNM, "+op", *options, "-"], input=data, capture_output=True, check=True
    )
    return np.asarray(Image.open(io.BytesIO(ended.stdout)).convert("L"))


def ours(data: bytes) -> np.ndarray:
    found = read_radiograph(data, "a.dcm")
    return shown(found.pixels, found.bits, found.display)


def difference(data: bytes, *options: str) -> float:
    return float(np.abs(ours(data).astype(float) - dcmtk(data, *options)).mean())


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_is_shown_as_dcmtk_shows_it(name):
    stored, header, options = SHOWN[name]
    assert difference(pictures.dicom(stored, **header), *options) < 1.5


@pytest.mark.parametrize("syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian])
def test_tables_and_overlays_are_read_in_every_byte_order(syntax):
    table = lut(curve(), bits=12)
    drawn = overlay(MARK, (20, 30))
    if syntax == uid.ExplicitVRBigEndian:
        words = [table["LUTData"], drawn[-1]]
        for element in words:
            element.value = np.frombuffer(element.value, "<u2").astype(">u2").tobytes()
    data = pictures.dicom(FILM, 12, syntax, VOILUTSequence=[table], **elements(drawn))
    assert difference(data, "+Wl", "1") < 1.5
