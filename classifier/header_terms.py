"""Maps what senders and headers write for body part, projection, age band and modality to one vocabulary.

An unknown term gives "", and then counts as not given.
"""

import re
import unicodedata

from classifier.body_part_terms import (
    BONE_TERMS,
    NOT_A_PART,
    PART_TERMS,
    QUALIFIERS,
    TRUNK_AND_SKULL,
    WHOLE_ENTRIES,
)

PROJECTIONS = ("frontal", "lateral", "oblique", "axial")
AGE_BANDS = ("infant", "child", "adolescent", "adult", "older")
# Computed and digital radiography, and RG, which old archives and the NEMA samples use. Not RF and XA: these
# come from an image intensifier, are mostly cine, and no release was trained on them.
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
_AGE_TERMS = {
    **{band: band for band in AGE_BANDS},
    "0-1": "infant",
    "2-11": "child",
    "12-17": "adolescent",
    "18-64": "adult",
    "65+": "older",
}
_PROJECTION_TERMS = {
    **dict.fromkeys(("FRONTAL", "AP", "PA", "DP", "PD", "FACE", "FRONTALE"), "frontal"),
    **dict.fromkeys(
        ("ANTEROPOSTERIOR", "POSTEROANTERIOR", "DORSOPALMAR", "DORSOPLANTAR"), "frontal"
    ),
    **dict.fromkeys(("DORSOVOLAR", "PALMODORSAL", "PLANTODORSAL"), "frontal"),
    **dict.fromkeys(("LATERAL", "LAT", "LL", "RL", "LLD", "RLD", "ML", "LM"), "lateral"),
    **dict.fromkeys(("LATEROMEDIAL", "MEDIOLATERAL", "LATEROLATERAL", "LATERALE"), "lateral"),
    **dict.fromkeys(("SEITLICH", "SEITL", "PROFIL", "PROFILE", "PROFILO", "PERFIL"), "lateral"),
    **dict.fromkeys(("OBLIQUE", "OBL", "LLO", "RLO", "LAO", "RAO", "LPO", "RPO"), "oblique"),
    **dict.fromkeys(("OBLIQ", "SCHRAG", "SCHRAEG", "OBLICUA", "OBLIQUA"), "oblique"),
    **dict.fromkeys(("AXIAL", "AX", "SKYLINE", "SUNRISE", "TANGENTIAL"), "axial"),
    **dict.fromkeys(("AXIALE", "TANG"), "axial"),
}
# Beside a projection: which side, how the beam lies.
_BESIDE_A_PROJECTION = frozenset(
    (
        "LEFT",
        "RIGHT",
        "LT",
        "RT",
        "L",
        "R",
        "VIEW",
        "XTABLE",
        "CROSS",
        "TABLE",
        "HORIZONTAL",
        "TRUE",
    )
)


def body_part_of(term: object) -> str:
    """One of BODY_PARTS, or "". Understands "Chest PA", "THORAX", "Schädel" and "SKULL".

    An entry that names two parts ("HAND WRIST") gives "". Trunk and skull are given only if every term of the
    entry is known, because a release may exclude them: "Thorax und Schulter" is a film of bones, although
    "Schulter" isn't in the table.
    """
    entry = _letters(term)
    found = _part_named(entry)
    return found if found not in TRUNK_AND_SKULL or _is_known_throughout(entry, found) else ""


def _part_named(entry: str) -> str:
    if (found := WHOLE_ENTRIES.get(entry)) or (found := PART_TERMS.get(entry.replace(" ", ""))):
        return found
    terms = [part for part in entry.split() if part not in QUALIFIERS]
    rest = " ".join(terms)
    if (found := WHOLE_ENTRIES.get(rest)) or (found := PART_TERMS.get(rest.replace(" ", ""))):
        return found
    if "SPINE" in terms:
        return "spine"
    # The terms of WHOLE_ENTRIES count here too: "femoral head" names two parts, so it gives neither.
    parts = {PART_TERMS.get(term) or WHOLE_ENTRIES.get(term, "") for term in terms} - {""}
    return parts.pop() if len(parts) == 1 and any(term in PART_TERMS for term in terms) else ""


def _is_known_throughout(entry: str, part: str) -> bool:
    """Whether every term of the entry is known, and none names a bone beside this part."""
    if entry in WHOLE_ENTRIES or entry.replace(" ", "") in PART_TERMS:
        return True
    terms = set(entry.split())
    if part != "skull" and terms & BONE_TERMS:
        return False
    known = {*PART_TERMS, *WHOLE_ENTRIES, *QUALIFIERS, *NOT_A_PART}
    return terms <= known


def projection_of(term: object) -> str:
    """One of PROJECTIONS, or "". Two terms are one only where "oblique" is one of them ("AP oblique")."""
    entry = _letters(term)
    if found := _PROJECTION_TERMS.get(entry.replace(" ", "")):
        return found
    terms = [part for part in entry.split() if part not in _BESIDE_A_PROJECTION]
    if found := _PROJECTION_TERMS.get("".join(terms)):
        return found
    named = {_PROJECTION_TERMS.get(part, "") for part in terms}
    return "oblique" if "oblique" in named else ""


def age_band_of(term: object) -> str:
    """One of AGE_BANDS, from a band's name or its years ("2-11"), or ""."""
    return _AGE_TERMS.get(str(term or "").strip().lower(), "")


def age_band_of_years(years: object) -> str:
    """One of AGE_BANDS, or "" if ``years`` is not an integer of 0 or more."""
    if not isinstance(years, int) or isinstance(years, bool) or years < 0:
        return ""
    return next((band for band, limit in _AGE_LIMITS if years < limit), "older")


def modality_of(term: object) -> str:
    """One of MODALITIES, or ""."""
    code = str(term or "").strip().upper()
    return code if code in MODALITIES else ""


def _letters(term: object) -> str:
    """In capitals without accents; everything else becomes one space between terms."""
    plain = unicodedata.normalize("NFKD", str(term or "")).upper()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[A-Z]+", plain))
