"""A text that somebody typed, in the one form in which it is counted, stored and compared.

Length is counted in Unicode code points of this form. PostgreSQL and Python count so too. Graphemes would be
closer to what a reader sees, but their rules change with each version of Unicode, so a browser and a server
of different age would disagree. ``maxlength`` of a box counts UTF-16 code units, a line break as one. A
text never has fewer of these than code points, so what a box lets in is always taken. With scripts,
``static/js/length.js`` counts as this module does.
"""

import unicodedata
from itertools import groupby


def as_read(text: str) -> str:
    """Line breaks are one character each, letters are composed, and no blanks are around the text.

    A form sends each line break as CR LF, which would count twice. A Mac's file names have decomposed
    letters ("e" and an accent), which would count twice too.
    """
    return _composed(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _composed(text: str) -> str:
    """NFC, except for characters that NFC would replace alone.

    Those are, for example, the variants of Chinese characters that are kept for people's names. NFC would
    change their form, and some others would become longer.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    parts = groupby(text, key=lambda sign: unicodedata.is_normalized("NFC", sign))
    return "".join(
        unicodedata.normalize("NFC", "".join(signs)) if is_stable else "".join(signs)
        for is_stable, signs in parts
    )
