"""Reads typed values from a DICOM header. A value of another type than the one asked for is None.

Some devices write text into number fields and the reverse, and pydicom returns it unchanged. Code that used
such a value directly ended with an unexpected Python error, so every other module reads a data set through
this one (tests/architecture/test_dicom_values.py).
"""

import math
import struct
from decimal import Decimal
from typing import Any, ClassVar

from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import UID
from pydicom.valuerep import PersonName

_BROKEN = object()  # a value that pydicom can't convert


def _in_utf8(text: str) -> str:
    """The text, decoded anew where its bytes are UTF-8 although the header names no set, or a wrong one.

    pydicom reads such bytes as Latin-1. Latin-1 text is valid UTF-8 only where each accented letter is
    followed by signs that no word has there ("Ã¤"), so the guess is safe.
    """
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


class Header:
    """Values by keyword. An absent or empty value, or one of another type, is None; as a text it is ""."""

    def __init__(self, data_set: "Dataset | _Overlay", is_big_endian: bool = False) -> None:
        self._data_set = data_set
        encoding = getattr(
            data_set, "original_encoding", (None, None)
        )  # implicit VR, little-endian
        self._is_big_endian = is_big_endian or encoding[1] is False

    def has(self, keyword: str) -> bool:
        """Whether there is a value of any type: separates a wrong value from a missing one."""
        value = self._value(keyword)
        return not (value is None or (isinstance(value, str | bytes | list) and len(value) == 0))

    def line(self, keyword: str) -> str:
        """The printable characters of the text, of any length."""
        return "".join(sign for sign in self.text(keyword) if sign.isprintable()).strip()

    def text(self, keyword: str) -> str:
        """The text as it is in the file, with padding and control characters. A backslash separates several
        values. "" if one of them is not a text, a number or a name.
        """
        value = self._value(keyword)
        parts = list(value) if isinstance(value, MultiValue) else [value]
        if not all(isinstance(part, str | int | float | Decimal | PersonName) for part in parts):
            return ""
        return _in_utf8("\\".join(map(str, parts)))

    def integer(self, keyword: str) -> int | None:
        """A single integer that the file stores as a number."""
        value = self._value(keyword)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        return int(value) if math.isfinite(value) and value == int(value) else None

    def number(self, keyword: str, index: int = 0) -> float | None:
        """The value at ``index``, also if it is written as text. Always finite."""
        value = self._value(keyword)
        values = list(value) if isinstance(value, MultiValue | list) else [value]
        found: Any = values[index] if index < len(values) else None
        if not isinstance(found, int | float | Decimal | str):
            return None
        try:
            number = float(found)
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    def integers(self, keyword: str, most: int) -> list[int]:
        """At most ``most`` integers, also from bytes of 16-bit words; [] if one isn't an integer."""
        value = self._value(keyword)
        if isinstance(value, bytes):
            count = min(len(value) // 2, most)
            return list(struct.unpack_from(f"{'>' if self._is_big_endian else '<'}{count}H", value))
        values = list(value)[:most] if isinstance(value, MultiValue | list) else [value]
        found = [one for one in values if isinstance(one, int) and not isinstance(one, bool)]
        return found if len(found) == len(values) else []

    def overlay(self, group: int) -> "Header":
        """The overlay of a repeating group, 6000 to 601E."""
        return Header(_Overlay(self._data_set, group), self._is_big_endian)

    def items(self, keyword: str) -> list["Header"]:
        """The items of a sequence."""
        value = self._value(keyword)
        return (
            [Header(item, self._is_big_endian) for item in value]
            if isinstance(value, Sequence)
            else []
        )

    def content(self, keyword: str) -> bytes | None:
        value = self._value(keyword)
        return value if isinstance(value, bytes) else None

    def bits(self, keyword: str) -> bytes:
        """Content of single bits, the first one lowest; empty if there is none."""
        content = self.content(keyword) or b""
        if not (content and self._is_big_endian and self._data_set[keyword].VR == "OW"):
            return content
        # The first byte of a word is its higher one.
        words = len(content) // 2
        return struct.pack(f"<{words}H", *struct.unpack_from(f">{words}H", content))

    def content_end(self, keyword: str) -> int:
        """The file's offset after the content; 0 if there is none."""
        content = self.content(keyword)
        return 0 if content is None else (self._data_set[keyword].file_tell or 0) + len(content)

    def uid(self, keyword: str) -> UID:
        return UID(self.line(keyword))

    def write(self, **values: object) -> None:
        """Sets elements by keyword, for pydicom, which reads the data set when it unpacks the pixels."""
        for keyword, value in values.items():
            setattr(self._data_set, keyword, value)

    def _value(self, keyword: str) -> object:
        try:
            return self._data_set.get(keyword)
        except MemoryError:
            raise
        except Exception:  # pydicom raises errors of any class on a broken value
            return _BROKEN


class _Overlay:
    """An overlay's elements by keyword: pydicom finds those of a repeating group by their number only."""

    _ELEMENTS: ClassVar = {
        "OverlayRows": 0x0010,
        "OverlayColumns": 0x0011,
        "OverlayOrigin": 0x0050,
        "OverlayBitPosition": 0x0102,
        "OverlayData": 0x3000,
    }

    def __init__(self, data_set: "Dataset | _Overlay", group: int) -> None:
        self._data_set, self._group = data_set, group

    def __getitem__(self, keyword: str) -> Any:
        return self._data_set[(self._group, self._ELEMENTS[keyword])]  # type: ignore[index]

    def get(self, keyword: str) -> object:
        try:
            return self[keyword].value
        except KeyError:
            return None
