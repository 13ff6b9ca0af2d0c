"""Dates and ages of DICOM headers, in the forms that devices write."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

_EARLIEST_YEAR = 1850  # whoever is alive was born later
_OLDEST = 130  # years
# DA, also as the first part of DT, and with a separator, such as the dots of ACR-NEMA ("1980.05.01").
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:(\d\d)(\d\d)|([.\-/: ])(\d{1,2})\4(\d{1,2})|年(\d{1,2})月(\d{1,2})日)"
    r"(?:[T ]?\d{2,6}(?:[.:]\d+)*)?(?:[+-]\d{4})?-?",
    re.ASCII,
)
_YEAR_LAST = re.compile(r"(\d{1,2})([.\-/ ])(\d{1,2})\2(\d{4})", re.ASCII)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NAMED_MONTH = re.compile(
    r"(?:(\d{1,2})[ .\-]+([A-Z]{3})[A-Z]*|([A-Z]{3})[A-Z]* (\d{1,2}))[ .,\-]+(\d{4})", re.ASCII
)
# PS3.5, value representation AS: three digits and a unit. Some leave out leading zeros, some the unit, and
# some write a fraction, a word, or a lower limit (">89", "90+") where the age was coarsened.
_AGE = re.compile(r"(>=? ?)?(\d{1,5})(?:[.,]\d+)? ?([^\W\d]*)\.? ?(\+)?(?: ?\d{1,2} ?[^\W\d]+)?")
_COARSENED_FROM = 65  # years; a lower limit below says too little
_UNIT_FIRST = re.compile(r"^([YMWD])(\d{1,3})$", re.ASCII)
# Not J: it is a year ("Jahre") in German and a day ("jours") in French.
_UNITS = {
    1: "Y YR YRS YEAR YEARS A AN ANS ANO ANOS ANNI ANNO JAHR JAHRE 岁 歳 才 ЛЕТ",
    12: "M MO MON MTH MTHS MONTH MONTHS MONAT MONATE MOIS MES MESES MESI 月 个月 か月 ヶ月",
    52: "W WK WKS WEEK WEEKS WOCHE WOCHEN SEMAINE SEMAINES SEMANA SEMANAS SETTIMANE 周 週",
    365: "D DAY DAYS TAG TAGE JOUR JOURS DIA DIAS GIORNI 天 日",
}
_IN_A_YEAR = {"": 1, **{word: count for count, words in _UNITS.items() for word in words.split()}}
_NEWBORN = ("NEWBORN", "NB", "NEONATE")


def day_of(text: str) -> date | None:
    """The day of DA or DT, or of a date as people write it; None for an impossible or an ambiguous one.

    03/04/1980 is the third of April or the fourth of March, so it is None. With dots the day comes first.
    """
    for year, month, day in _written(unicodedata.normalize("NFKC", text).strip().upper()):
        try:
            found = date(year, month, day)
        except ValueError:  # 19610000, where only the year is known; 23.02.1961 read as a month 23
            continue
        return found if found.year >= _EARLIEST_YEAR else None
    return None


def _written(text: str) -> Iterator[tuple[int, int, int]]:
    """(year, month, day) as the text may mean them, also impossible ones."""
    if found := _YEAR_FIRST.fullmatch(text):
        month, day = [int(part) for part in found.groups()[1:] if part and part.isdigit()]
        yield int(found[1]), month, day
    elif found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if found[2] == "." or first > 12 or first == second:
            yield year, second, first
        elif second > 12:
            yield year, first, second
    elif found := _NAMED_MONTH.fullmatch(text):
        name = found[2] or found[3]
        if name in _MONTHS:
            yield int(found[5]), _MONTHS.index(name) + 1, int(found[1] or found[4])


def age_of(text: str) -> int | None:
    """Completed years of AS ("012M") or of an age as people write it ("7y", "45", "6 months"), or None.

    A lower limit such as ">89" gives its number. Without a unit it is years; but zero alone is what a form
    holds where nobody gave an age, and no newborn.
    """
    plain = unicodedata.normalize("NFKD", text).strip().upper()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    if plain in _NEWBORN:
        return 0
    found = _AGE.fullmatch(_UNIT_FIRST.sub(r"\2\1", plain))
    if found is None or found[3] not in _IN_A_YEAR or not (found[3] or int(found[2])):
        return None
    years = int(found[2]) // _IN_A_YEAR[found[3]]
    is_limit = found[1] or found[4]
    return years if (_COARSENED_FROM if is_limit else 0) <= years <= _OLDEST else None
