"""A value that no picture can have is no value: it costs neither the picture nor a part of it."""

import numpy as np
import pytest
from pydicom import DataElement
from pydicom.config import IGNORE

from classifier.display import shown
from classifier.radiograph import RefusedFile
from tests import pictures
from tests.classifier.drawn_dicom import curve, elements, lut, overlay
from tests.classifier.test_dicom_masks import FILM, circle, rectangle
from tests.classifier.test_radiograph import read

FAR = 2**31 - 1


def changed_overlay(**values):
    """An overlay in which some elements have other values, in a representation that holds them."""
    whole = overlay(np.ones((4, 6), bool))
    others = {int(name, 16): value for name, value in values.items()}
    return elements(
        [
            DataElement(one.tag, "SL", others[one.tag.element])
            if one.tag.element in others
            else one
            for one in whole
        ]
    )


def table_from(first, bits="12"):
    item = lut(curve(), bits=12)
    said = DataElement("LUTDescriptor", "DS", ["4096", str(first), bits], validation_mode=IGNORE)
    item["LUTDescriptor"] = said
    return item


def polygon(*corners):
    return {
        "ShutterShape": "POLYGONAL",
        "VerticesOfThePolygonalShutter": [str(corner) for corner in corners],
    }


NO_VALUES = {
    "overlay of negative sides": changed_overlay(**{"10": -4, "11": -6}),
    "overlay far away": changed_overlay(**{"50": [FAR, -FAR]}),
    "circle of a negative radius": {"ShutterShape": "CIRCULAR", **circle(60, 80, -50)},
    "circle far away": {"ShutterShape": "CIRCULAR", **circle(FAR, FAR, 50)},
    "polygon far away": polygon(FAR, FAR, FAR, -FAR, -FAR, -FAR),
    "rectangle beside the picture": {
        "ShutterShape": "RECTANGULAR",
        **rectangle((500, 600, -600, -500)),
    },
    "rectangle around the picture": {
        "ShutterShape": "RECTANGULAR",
        **rectangle((-FAR, FAR, -FAR, FAR)),
    },
    "frames below none": {"NumberOfFrames": "-3"},
    "no frames": {"NumberOfFrames": "0"},
    "table far above all values": {"VOILUTSequence": [table_from("1e300")]},
    "table far below all values": {"VOILUTSequence": [table_from("-1e300")]},
    "table above all values": {"VOILUTSequence": [table_from(30_000)]},
    "table below all values": {"VOILUTSequence": [table_from(-30_000)]},
    "rescale beyond all numbers": {
        "RescaleSlope": "1e308",
        "RescaleIntercept": "-1e308",
        "WindowCenter": "2048",
        "WindowWidth": "4096",
    },
    "window beyond all numbers": {"WindowCenter": "-1e308", "WindowWidth": "1e308"},
    "spacing beyond all numbers": {"PixelSpacing": ["1e308", "1e-308"]},
    "padding beyond all values": {
        "PixelPaddingValue": DataElement("PixelPaddingValue", "SL", -FAR),
        "PixelPaddingRangeLimit": DataElement("PixelPaddingRangeLimit", "SL", FAR),
    },
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NO_VALUES)
def test_a_value_that_can_not_be_leaves_the_picture_as_it_is(name):
    found, control = read(pictures.dicom(FILM, **NO_VALUES[name])), read(pictures.dicom(FILM))
    assert found.display.outside is None and found.display.overlay is None
    assert found.display.by in ("values", "values_beside_window")
    assert np.array_equal(found.pixels, control.pixels)
    grey, own = (shown(one.pixels, one.bits, one.display) for one in (found, control))
    assert np.array_equal(grey, own)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("first", ["1e300", 30_000, -30_000])
def test_a_modality_table_that_makes_one_grey_of_all_is_said(first):
    with pytest.raises(RefusedFile, match="LUTDescriptor"):
        read(pictures.dicom(FILM, ModalityLUTSequence=[table_from(first)]))


def test_a_picture_of_one_value_is_still_shown_by_its_window():
    flat = np.full((120, 160), 2048, np.uint16)
    found = read(pictures.dicom(flat, WindowCenter="2048", WindowWidth="4096"))
    assert found.display.by == "window"
