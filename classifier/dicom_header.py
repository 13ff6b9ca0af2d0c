"""Reads typed values from a DICOM header. A value of another type than the one asked for is None.

Some devices write text into number fields and the reverse, and pydicom returns it unchanged. Code that used
such a value directly ended with an unexpected Python error, so every other module reads a data set through
this one (tests/architecture/test_dicom_values.py).
"""

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import UID
from pydicom.valuerep import PersonName

if TYPE_CHECKING:
    from pydicom import Dataset

_BROKEN = object()  # a value that pydicom can't convert


class Header:
    """Values by keyword. An absent or empty value, or one of another type, is None; as a text it is ""."""

    def __init__(self, data_set: "Dataset") -> None:
        self._data_set = data_set

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
        return "\\".join(map(str, parts))

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

    def items(self, keyword: str) -> list["Header"]:
        """The items of a sequence."""
        value = self._value(keyword)
        return [Header(item) for item in value] if isinstance(value, Sequence) else []

    def content(self, keyword: str) -> bytes | None:
        value = self._value(keyword)
        return value if isinstance(value, bytes) else None

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
