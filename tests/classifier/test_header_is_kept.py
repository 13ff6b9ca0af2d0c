"""Facts and tags are the header's own, whatever has to be changed in it before the pixels are unpacked."""

import io

import numpy as np
import pytest
from pydicom import dcmread

from classifier.dicom_facts import read_facts
from classifier.dicom_header import Header
from classifier.dicom_identity import read_identity
from classifier.dicom_tags import read_tags
from classifier.radiograph import read_radiograph
from tests import pictures
from tests.classifier.drawn_dicom import elements, embedded_overlay
from tests.classifier.test_dicom_facts import WHOLE

FILM = pictures.pixels(bits=12)
COLOURS = np.dstack([pictures.pixels()] * 3)
# What the reader has to change in a header before pydicom unpacks the pixels.
UNUSUAL = {
    "an overlay in a free bit": pictures.dicom(
        FILM | (FILM > 2000).astype(np.uint16) << 13, **elements(embedded_overlay(FILM.shape, 13))
    ),
    "justified to the left": pictures.dicom(FILM << 4, HighBit=15),
    "the highest bit is missing": pictures.dicom(FILM, HighBit=None),
    "no samples a pixel": pictures.dicom(FILM, SamplesPerPixel=None),
    "signed": pictures.dicom(FILM.astype(np.int16) - 2048),
    "eight of sixteen bits": pictures.dicom(FILM >> 4, 8),
    "packed": pictures.repacked(pictures.dicom(FILM), "JPEGLosslessProcess14_1"),
    "colours": pictures.dicom(
        COLOURS, 8, Modality="OT", SOPClassUID=pictures.CAPTURE_CLASS, **WHOLE
    ),
}


@pytest.mark.parametrize("form", UNUSUAL)
def test_facts_and_tags_are_the_header_s_own_whatever_unpacking_needs(form):
    data = UNUSUAL[form]
    own = Header(dcmread(io.BytesIO(data)))
    found = read_radiograph(data, "film.dcm", any_modality=True)
    assert found.facts == read_facts(own)
    assert found.facts.instance.bits_stored == (
        8 if form in ("colours", "eight of sixteen bits") else 12
    )
    assert (found.tags, found.identity) == (read_tags(own), read_identity(own))
