"""What is said of a display is all that a viewer needs to make its greys of the rendition's pixels."""

import numpy as np
import pytest
from pydicom import Dataset

from classifier.display import shown
from classifier.look import MOST_RUNS, look_of
from classifier.radiograph import read_radiograph
from classifier.voi import window
from tests import pictures
from tests.classifier.drawn_dicom import elements, overlay

STORED = pictures.pixels(80, 100, 12)
SIGNED = (STORED.astype(int) - 2048).astype(np.int16)
WINDOWS = {"WindowCenter": ["2000", "3000", "2500"], "WindowWidth": ["2500", "1000", "1"]}


def table(entries: np.ndarray, bits: int = 8, first: int = 0) -> Dataset:
    item = Dataset()
    item.LUTDescriptor = [len(entries), first, bits]
    item.add_new("LUTData", "OW", entries.astype(np.uint16).tobytes())
    return item


RISING = table(255 * (np.arange(4096) / 4095) ** 0.5)
MODALITY = table(np.arange(4096) // 4, 10)
FILES = {
    "windows": pictures.dicom(STORED, **WINDOWS),
    "white is low": pictures.dicom(STORED, PhotometricInterpretation="MONOCHROME1", **WINDOWS),
    "signed": pictures.dicom(SIGNED, RescaleIntercept="2048", **WINDOWS),
    "falling": pictures.dicom(STORED, RescaleSlope="-1", RescaleIntercept="4095", **WINDOWS),
    "falling, white is low, signed": pictures.dicom(
        SIGNED,
        PhotometricInterpretation="MONOCHROME1",
        RescaleSlope="-2",
        RescaleIntercept="5000",
        **WINDOWS,
    ),
    "16 bits": pictures.dicom(pictures.pixels(80, 100, 16), 16, RescaleSlope="0.0625", **WINDOWS),
    "8 bits": pictures.dicom(pictures.pixels(80, 100), 8, WindowCenter="128", WindowWidth="100"),
    "sigmoid": pictures.dicom(STORED, VOILUTFunction="SIGMOID", **WINDOWS),
    "exact": pictures.dicom(STORED, VOILUTFunction="linear_exact", **WINDOWS),
    "modality table": pictures.dicom(
        STORED, ModalityLUTSequence=[MODALITY], WindowCenter="500", WindowWidth="300"
    ),
    "modality table, white is low": pictures.dicom(
        STORED,
        ModalityLUTSequence=[MODALITY],
        PhotometricInterpretation="MONOCHROME1",
        WindowCenter="500",
        WindowWidth="300",
    ),
    "table": pictures.dicom(STORED, VOILUTSequence=[RISING], **WINDOWS),
    "table, white is low": pictures.dicom(
        STORED, VOILUTSequence=[RISING], PhotometricInterpretation="MONOCHROME1"
    ),
    "values": pictures.dicom(STORED),
    "windows beside the values": pictures.dicom(STORED, WindowCenter="60000", WindowWidth="9"),
    "8 bits without a window": pictures.dicom(pictures.pixels(80, 100), 8),
    "8 bits, window beside": pictures.dicom(
        pictures.pixels(80, 100), 8, WindowCenter="6000", WindowWidth="9"
    ),
    "PNG": pictures.png(),
    "PNG of 16 bits": pictures.png(pictures.pixels(bits=16)),
}


def greys_by(said: dict, display, number: int, pixels: np.ndarray, bits: int) -> np.ndarray:
    """As static/js/viewer makes them."""
    if said["range"] is not None:
        low, high = said["range"]
        return np.round(((pixels - low) / (high - low)).clip(0, 1) * 255)
    codes = pixels >> (8 * pixels.dtype.itemsize - bits)
    curve = display.tables[number]
    if curve.window is None:
        runs = said["tables"][number]
        return np.array(runs[1::2])[np.searchsorted(runs[::2], codes, side="right") - 1]
    slope, intercept = said["levels"]
    grey = window(slope * codes + intercept, *curve.window, said["function"])
    return np.round((1 - grey if slope < 0 else grey) * 255)


@pytest.mark.parametrize("name", FILES)
def test_greys_can_be_made_of_what_is_said(name):
    radiograph = read_radiograph(FILES[name], name)
    display, said = radiograph.display, look_of(radiograph)
    assert not said["covered"]
    for number in range(max(1, len(display.tables))):
        greys = greys_by(said, display, number, radiograph.pixels, radiograph.bits)
        expected = shown(radiograph.pixels, radiograph.bits, display, number)
        assert np.abs(greys - expected).max() <= 1, number


def test_what_a_display_hides_and_draws_is_said():
    padded = STORED.copy()
    padded[:, :20] = 0
    hides = pictures.dicom(padded, PixelPaddingValue=0, **WINDOWS)
    draws = pictures.dicom(STORED, **WINDOWS, **elements(overlay(np.eye(20, dtype=bool))))
    for file in (hides, draws):
        assert look_of(read_radiograph(file, "a.dcm"))["covered"]


def test_a_table_of_too_many_greys_is_not_said():
    noise = table(np.random.default_rng(1).integers(0, 256, 4096))
    said = look_of(read_radiograph(pictures.dicom(STORED, VOILUTSequence=[noise]), "a.dcm"))
    assert said["tables"] == [None]
    assert MOST_RUNS > 256  # what never falls is always said


@pytest.mark.parametrize(("slope", "intercept"), [("1e-300", "1e9"), ("1e306", "0")])
def test_values_beyond_any_precision_are_not_said(slope, intercept):
    data = pictures.dicom(STORED, RescaleSlope=slope, RescaleIntercept=intercept, **WINDOWS)
    assert look_of(read_radiograph(data, "a.dcm"))["levels"] is None
