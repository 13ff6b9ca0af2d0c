"""Dates and ages of DICOM headers, in the forms that devices write."""

import re
from datetime import date

_DATE = re.compile(r"\d{8}", re.ASCII)
_EARLIEST_YEAR = 1850  # whoever is alive was born later
# PS3.5, value representation AS: three digits and a unit. Some leave out leading zeros, some the unit.
_AGE = re.compile(r"(\d{1,3}) ?([YMWD]?)", re.ASCII)
_IN_A_YEAR = {"": 1, "Y": 1, "M": 12, "W": 52, "D": 365}
_OLDEST = 130  # years


def day_of(text: str) -> date | None:
    """DA, also with the dots of ACR-NEMA ("1980.05.01") or with dashes; None for an impossible date."""
    digits = re.sub(r"[.\-/ ]", "", text)
    try:
        found = date.fromisoformat(digits) if _DATE.fullmatch(digits) else None
    except ValueError:  # 19610000, where only the year is known; 23.02.1961
        return None
    return found if found and found.year >= _EARLIEST_YEAR else None


def age_of(text: str) -> int | None:
    """Completed years of AS ("012M", "7y", "45"), or None.

    Without a unit it is years; but zero alone is what a form holds where nobody gave an age, and no newborn.
    """
    found = _AGE.fullmatch(text.strip().upper())
    if found is None or not (found[2] or int(found[1])):
        return None
    years = int(found[1]) // _IN_A_YEAR[found[2]]
    return years if years <= _OLDEST else None
