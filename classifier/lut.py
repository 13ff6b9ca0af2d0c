"""Look-up tables of a DICOM header: modality LUT and VOI LUT (PS3.3 C.11.1 and C.11.2)."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from classifier.dicom_header import Header

_LONGEST = 1 << 16


@dataclass(frozen=True)
class Lut:
    """``entries``: (n,) uint16, each of ``bits`` (1 to 16); the first one is for the value ``first``.

    ``name``: LUT Explanation, a free text.
    """

    first: int
    entries: np.ndarray
    bits: int
    name: str

    @classmethod
    def of(cls, item: Header) -> Self | None:
        """None if descriptor or data are not valid, or most entries are missing."""
        count, first, bits = (item.number("LUTDescriptor", index) for index in range(3))
        entries = np.array(item.integers("LUTData", _LONGEST), np.int64) & 0xFFFF
        if count is None or first is None or bits is None or bits < 1 or not len(entries):
            return None
        if (
            not -0x8000 <= first <= 0xFFFF
        ):  # no stored value is there: the picture would be one grey
            return None
        length = (int(count) & 0xFFFF) or _LONGEST  # 0 means 65,536; some devices give it a sign
        if bits <= 8 and len(entries) == (length + 1) // 2:
            entries = np.stack([entries & 0xFF, entries >> 8], axis=1).ravel()  # two in a word
        # What a table lacks gets its last entry. Where that is more than some brightest values, the picture
        # would be one grey, and the header's window shows it better. Some write 0 for "I don't know".
        if count and len(entries) * 10 < length * 9:
            return None
        entries = entries[:length].astype(np.uint16)
        # Devices write fewer bits than the entries have: cut to them, the brightest would become the darkest.
        needed = max(int(bits), int(entries.max()).bit_length())
        return cls(int(first), entries, min(needed, 16), item.line("LUTExplanation"))

    def at(self, values: np.ndarray) -> np.ndarray:
        """The entry of each value; values before the first entry and after the last one get that entry."""
        first = self.first
        if first > 0x7FFF and values.min() < 0:
            first -= 0x10000  # written without its sign
        found: np.ndarray = self.entries[
            (np.round(values) - first).clip(0, len(self.entries) - 1).astype(np.int64)
        ]
        return found
