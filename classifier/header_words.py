"""What senders and headers write for body part, projection, age band and modality, in one vocabulary.

A word that isn't known gives "": it says nothing, so that nothing follows from it.
"""

import re
import unicodedata
from collections.abc import Mapping

BODY_PARTS = (
    *("skull", "face", "jaw", "neck", "cspine", "tspine", "lspine", "spine", "sacrum"),
    *("chest", "rib", "sternum", "abdomen", "breast"),
    *("clavicle", "shoulder", "humerus", "elbow", "forearm", "wrist", "hand", "finger"),
    *("pelvis", "hip", "femur", "knee", "leg", "ankle", "foot", "toe"),
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

# The first year that is no longer of the band. As the site asks for it, so that no age need be stored.
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
# Words that tell the part wherever they stand. PS3.16 Annex L first, then what devices write, and the
# same words in some languages of Europe, without their accents.
_WORDS: Mapping[str, str] = {
    **{part.upper(): part for part in BODY_PARTS if part not in ("neck", "spine")},
    **dict.fromkeys(
        (
            *(
                "CHEST",
                "CHESTS",
                "THORAX",
                "TORAX",
                "LUNG",
                "LUNGS",
                "CXR",
                "THX",
                "LUNGE",
                "LUNGEN",
            ),
            *("BRUST", "POUMON", "POUMONS", "PULMON", "PULMONES", "TORACE", "POLMONI"),
        ),
        "chest",
    ),
    **dict.fromkeys(
        (
            *("SKULL", "CRANIUM", "BRAIN", "SCHADEL", "SCHAEDEL", "CRANE", "CRANEO", "CRANIO"),
            *("SELLA", "MASTOID", "MASTOIDS"),
        ),
        "skull",
    ),
    **dict.fromkeys(
        ("FACIAL", "NOSE", "NASAL", "ORBIT", "ORBITS", "ZYGOMA", "SINUS", "SINUSES", "PNS"), "face"
    ),
    **dict.fromkeys(("MANDIBLE", "MAXILLA", "TMJ", "DENTAL", "TOOTH", "TEETH"), "jaw"),
    **dict.fromkeys(("ABDOMEN", "ABD", "KUB", "BELLY"), "abdomen"),
    **dict.fromkeys(("BREAST", "BREASTS", "MAMMA", "MAMMO", "MAMMOGRAPHY"), "breast"),
    **dict.fromkeys(("RIBS", "RIPPEN"), "rib"),
    **dict.fromkeys(("BREASTBONE", "BRUSTBEIN"), "sternum"),
    "COCCYX": "sacrum",
    **dict.fromkeys(("HWS", "CSPINES"), "cspine"),
    **dict.fromkeys(("BWS", "DSPINE"), "tspine"),
    **dict.fromkeys(("LWS", "LSSPINE", "LUMBOSACRAL"), "lspine"),
    **dict.fromkeys(("SCAPULA", "ACJOINT"), "shoulder"),
    "CLAVICLES": "clavicle",
    "HUMERAL": "humerus",
    **dict.fromkeys(("RADIUS", "ULNA", "RADIAL", "ULNAR"), "forearm"),
    **dict.fromkeys(("SCAPHOID", "CARPAL", "CARPUS"), "wrist"),
    **dict.fromkeys(("HANDS", "METACARPAL", "METACARPALS"), "hand"),
    **dict.fromkeys(("FINGERS", "THUMB", "THUMBS"), "finger"),
    "PELVIC": "pelvis",
    "HIPS": "hip",
    **dict.fromkeys(("THIGH", "FEMORAL"), "femur"),
    **dict.fromkeys(("PATELLA", "KNEES"), "knee"),
    **dict.fromkeys(("TIBIA", "FIBULA", "TIBFIB", "TIBIAL", "CALF"), "leg"),
    "ANKLES": "ankle",
    **dict.fromkeys(
        ("FEET", "CALCANEUS", "HEEL", "TALUS", "TALAR", "METATARSAL", "METATARSALS"), "foot"
    ),
    "TOES": "toe",
}
# Words that tell the part only where they are the whole entry: "Radius head" is no skull.
_ENTRIES: Mapping[str, str] = {
    **dict.fromkeys(("HEAD", "KOPF", "TETE", "CABEZA", "TESTA"), "skull"),
    "NECK": "neck",
    "SPINE": "spine",
    **dict.fromkeys(("CERVICAL SPINE", "C SPINE", "CERVICAL", "SPINE CERVICAL"), "cspine"),
    **dict.fromkeys(
        ("THORACIC SPINE", "T SPINE", "DORSAL SPINE", "SPINE THORACIC", "D SPINE", "TH SPINE"),
        "tspine",
    ),
    **dict.fromkeys(
        ("LUMBAR SPINE", "L SPINE", "LS SPINE", "LUMBAR", "SPINE LUMBAR", "L S SPINE"), "lspine"
    ),
    **dict.fromkeys(("UPPER ARM", "ARM"), "humerus"),
    "LOWER LEG": "leg",
    "UPPER LEG": "femur",
    "GREAT TOE": "toe",
    "AC JOINT": "shoulder",
    # One film of a small child shows both, and neither is a bone or joint.
    **dict.fromkeys(("CHEST ABDOMEN", "CHESTABDOMEN", "CHEST ABD", "ABDOMEN CHEST"), "chest"),
    "FACIAL BONES": "face",
    "PARANASAL SINUSES": "face",
}
# What devices write beside the part: views, sides, how the patient stands, how many films.
_BESIDE = frozenset(
    (
        *("PA", "AP", "LAT", "LATERAL", "OBL", "OBLIQUE", "FRONTAL", "AXIAL", "VIEW", "VIEWS", "V"),
        *(
            "VW",
            "VWS",
            "LEFT",
            "RIGHT",
            "LT",
            "RT",
            "L",
            "R",
            "B",
            "LI",
            "RE",
            "BILATERAL",
            "BILAT",
        ),
        *("BOTH", "STANDING", "ERECT", "UPRIGHT", "SUPINE", "PORTABLE", "PORT", "MOBILE", "BED"),
        *("DECUB", "DECUBITUS", "XR", "XRAY", "RX", "X", "RAY", "CR", "DX", "RG", "RAD", "FILM"),
        *("AND", "OF", "THE", "WITH", "SINGLE", "ONE", "TWO", "THREE", "ADULT", "CHILD", "PED"),
        *("PAEDIATRIC", "PEDIATRIC", "ROUTINE", "COMPLETE", "SERIES", "STUDY", "INSP", "EXP"),
        *("BONE", "BONES", "JOINT"),
    )
)
_TRUNK_AND_SKULL = ("chest", "abdomen", "breast", "skull")
_OF_BONES = frozenset(("BONE", "BONES", "JOINT"))  # a chest's or a breast's: ribs, sternum
# What devices write beside those parts, and what is no part of a body.
_NO_PART = frozenset(
    (
        *("INSPIRATION", "EXPIRATION", "INSPIRATORY", "EXPIRATORY", "NEONATE", "NEONATAL", "BABY"),
        *("NEWBORN", "INFANT", "ADOLESCENT", "MALE", "FEMALE", "SITTING", "SEATED", "LYING"),
        *("PRONE", "SEMI", "RECUMBENT", "BEDSIDE", "ICU", "ITU", "ER", "ED", "EMERGENCY", "TRAUMA"),
        *("POST", "PRE", "OP", "POSTOP", "PREOP", "CONTROL", "CHECK", "FOLLOW", "UP", "SCREENING"),
        *(
            "STANDARD",
            "GENERAL",
            "PLAIN",
            "RADIOGRAPH",
            "RADIOGRAPHY",
            "DIGITAL",
            "DR",
            "KV",
            "HIGH",
        ),
        *("LOW", "GRID", "BUCKY", "IMAGE", "IMAGES", "EXAM", "EXAMINATION", "PROJECTION", "FOUR"),
        *("ANTERIOR", "POSTERIOR", "ANTEROPOSTERIOR", "POSTEROANTERIOR", "HORIZONTAL", "VERTICAL"),
        *(
            "IN",
            "ON",
            "TO",
            "FOR",
            "A",
            "P",
            "E",
            "Y",
            "D",
            "DE",
            "DU",
            "LA",
            "LE",
            "DEL",
            "UND",
            "ET",
        ),
        *("IM", "STEHEND", "LIEGEND", "SITZEND", "STEHEN", "LIEGEN", "SITZEN", "SEITLICH", "BETT"),
        *("AUFNAHME", "UBERSICHT", "UEBERSICHT", "EBENEN", "EBENE", "DEBOUT", "COUCHE", "ASSIS"),
        *("PROFIL", "PROFILO", "PERFIL", "LATERALE", "FRONTALE", "RADIOGRAPHIE", "RADIOGRAFIA"),
        *("SIMPLE", "BASE", "VAULT", "OPEN", "CLOSED", "MOUTH", "TOWNES", "WATERS", "CALDWELL"),
    )
)


def body_part_of(word: object) -> str:
    """One of BODY_PARTS: "Chest PA", "THORAX", "Schädel" and "SKULL" are known; "" otherwise.

    An entry that names two parts ("HAND WRIST") says neither. Of trunk and skull every word must be known:
    a release may exclude those, and "Thorax und Schulter" is a film of bones, though "Schulter" isn't known.
    """
    entry = _letters(word)
    found = _told(entry)
    return found if found not in _TRUNK_AND_SKULL or _is_understood(entry, found) else ""


def _told(entry: str) -> str:
    if (found := _ENTRIES.get(entry)) or (found := _WORDS.get(entry.replace(" ", ""))):
        return found
    words = [part for part in entry.split() if part not in _BESIDE]
    rest = " ".join(words)
    if (found := _ENTRIES.get(rest)) or (found := _WORDS.get(rest.replace(" ", ""))):
        return found
    if "SPINE" in words:
        return "spine"
    # With the words of _ENTRIES: "femoral head" names two parts, and so says neither of them.
    parts = {_WORDS.get(word) or _ENTRIES.get(word, "") for word in words} - {""}
    return parts.pop() if len(parts) == 1 and any(word in _WORDS for word in words) else ""


def _is_understood(entry: str, part: str) -> bool:
    """Whether no word of the entry may name a bone beside this part."""
    if entry in _ENTRIES or entry.replace(" ", "") in _WORDS:
        return True
    words = set(entry.split())
    if part != "skull" and words & _OF_BONES:
        return False
    return all(
        word in _WORDS or word in _ENTRIES or word in _BESIDE or word in _NO_PART for word in words
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
