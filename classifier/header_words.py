"""What senders and headers write for body part, projection, age band and modality, in one vocabulary.

A word that isn't known gives "": it says nothing, so that nothing follows from it.
"""

import re
import unicodedata

from classifier.body_part_words import (
    BESIDE,
    ENTRIES,
    NO_PART,
    OF_BONES,
    TRUNK_AND_SKULL,
    WORDS,
)

PROJECTIONS = ("frontal", "lateral", "oblique", "axial")
AGE_BANDS = ("infant", "child", "adolescent", "adult", "older")
# DICOM CID 29. A capture (OT, SC) has no modality of its own, so those codes say nothing.
RADIOGRAPHY = ("CR", "DX", "RG")
MODALITIES = (
    *RADIOGRAPHY,
    *("CT", "MR", "PT", "NM", "ST", "US", "IVUS", "BDUS", "MG", "BMD", "RF", "XA", "PX", "IO"),
    *("RTIMAGE", "ES", "GM", "SM", "XC", "DG", "LS", "OP", "OPT", "OCT", "IVOCT", "OPM", "OAM"),
    *("ECG", "EPS", "HD", "TG", "BI", "PA", "ASMT"),
)

# Upper limit of each band in years, exclusive. The bands of the upload form, so that no exact age is stored.
_AGE_LIMITS = (("infant", 2), ("child", 12), ("adolescent", 18), ("adult", 65))
_AGE_WORDS = {
    **{band: band for band in AGE_BANDS},
    "0-1": "infant",
    "2-11": "child",
    "12-17": "adolescent",
    "18-64": "adult",
    "65+": "older",
}
_PROJECTION_WORDS = {
    **dict.fromkeys(("FRONTAL", "AP", "PA", "A P", "P A", "DP", "PD"), "frontal"),
    **dict.fromkeys(("LATERAL", "LAT", "LL", "RL", "LLD", "RLD", "ML", "LM"), "lateral"),
    **dict.fromkeys(("OBLIQUE", "OBL", "LLO", "RLO", "LAO", "RAO", "LPO", "RPO"), "oblique"),
    **dict.fromkeys(("AXIAL", "AX", "SKYLINE", "SUNRISE", "TANGENTIAL"), "axial"),
}


def body_part_of(word: object) -> str:
    """One of BODY_PARTS: "Chest PA", "THORAX", "Schädel" and "SKULL" are known; "" otherwise.

    An entry that names two parts ("HAND WRIST") says neither. Of trunk and skull every word must be known:
    a release may exclude those, and "Thorax und Schulter" is a film of bones, though "Schulter" isn't known.
    """
    entry = _letters(word)
    found = _told(entry)
    return found if found not in TRUNK_AND_SKULL or _is_understood(entry, found) else ""


def _told(entry: str) -> str:
    if (found := ENTRIES.get(entry)) or (found := WORDS.get(entry.replace(" ", ""))):
        return found
    words = [part for part in entry.split() if part not in BESIDE]
    rest = " ".join(words)
    if (found := ENTRIES.get(rest)) or (found := WORDS.get(rest.replace(" ", ""))):
        return found
    if "SPINE" in words:
        return "spine"
    # With the words of ENTRIES: "femoral head" names two parts, and so says neither of them.
    parts = {WORDS.get(word) or ENTRIES.get(word, "") for word in words} - {""}
    return parts.pop() if len(parts) == 1 and any(word in WORDS for word in words) else ""


def _is_understood(entry: str, part: str) -> bool:
    """Whether no word of the entry may name a bone beside this part."""
    if entry in ENTRIES or entry.replace(" ", "") in WORDS:
        return True
    words = set(entry.split())
    if part != "skull" and words & OF_BONES:
        return False
    return all(
        word in WORDS or word in ENTRIES or word in BESIDE or word in NO_PART for word in words
    )


def projection_of(word: object) -> str:
    """One of PROJECTIONS, or ""."""
    return _PROJECTION_WORDS.get(_letters(word), "")


def age_band_of(word: object) -> str:
    """One of AGE_BANDS, of a band's name or of its years ("2-11"), or ""."""
    return _AGE_WORDS.get(str(word or "").strip().lower(), "")


def age_band_of_years(years: object) -> str:
    """One of AGE_BANDS, or "" of what is no age."""
    if not isinstance(years, int) or isinstance(years, bool) or years < 0:
        return ""
    return next((band for band, limit in _AGE_LIMITS if years < limit), "older")


def modality_of(word: object) -> str:
    """One of MODALITIES, or ""."""
    code = str(word or "").strip().upper()
    return code if code in MODALITIES else ""


def _letters(word: object) -> str:
    """In capitals without accents; what is no letter parts two words."""
    plain = unicodedata.normalize("NFKD", str(word or "")).upper()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[A-Z]+", plain))
