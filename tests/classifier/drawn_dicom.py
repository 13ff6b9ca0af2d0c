"""Elements of drawn DICOM pictures: look-up tables, overlays, shutters."""

import numpy as np
from pydicom import DataElement, Dataset


def lut(entries: np.ndarray, first: int = 0, bits: int = 16, name: str = "") -> Dataset:
    """An item of Modality LUT Sequence or VOI LUT Sequence. ``first``: the value of the first entry."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries) % 65536, first, bits])
    item.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    if name:
        item.LUTExplanation = name
    return item


def curve(entries: int = 4096, bits: int = 12) -> np.ndarray:
    """A steep S, as devices write it."""
    x = np.linspace(-6, 6, entries)
    return np.round((1 << bits) - 1) / (1 + np.exp(-x))


def overlay(plane: np.ndarray, origin: tuple[int, int] = (1, 1), group: int = 0x6000) -> list:
    """The elements of a graphic overlay of this bitmap."""
    bits = np.packbits(plane.ravel(), bitorder="little").tobytes()
    values = {
        0x0010: ("US", plane.shape[0]),
        0x0011: ("US", plane.shape[1]),
        0x0040: ("CS", "G"),
        0x0050: ("SS", list(origin)),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
        0x3000: ("OW", bits + b"\0" * (len(bits) % 2)),
    }
    return [DataElement((group, number), *value) for number, value in values.items()]


def embedded_overlay(shape: tuple[int, int], bit: int) -> list:
    """The elements of an overlay that lies in this bit of each pixel, as devices had it until 2004."""
    whole = overlay(np.zeros(shape, bool))
    other = {0x0100: 16, 0x0102: bit}
    return [
        DataElement(one.tag, one.VR, other.get(one.tag.element, one.value))
        for one in whole
        if one.tag.element != 0x3000
    ]


def elements(found: list) -> dict:
    """As keyword arguments of ``tests.pictures.dicom``, which takes elements under any name."""
    return {f"element_{index}": element for index, element in enumerate(found)}
