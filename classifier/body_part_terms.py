"""The terms for body parts, as senders and headers write them. ``classifier.header_terms`` looks them up."""

from collections.abc import Mapping

BODY_PARTS = (
    *("skull", "face", "jaw", "neck", "cspine", "tspine", "lspine", "spine", "sacrum"),
    *("chest", "rib", "sternum", "abdomen", "breast"),
    *("clavicle", "shoulder", "humerus", "elbow", "forearm", "wrist", "hand", "finger"),
    *("pelvis", "hip", "femur", "knee", "leg", "ankle", "foot", "toe"),
)
# Terms that name the part at any place of an entry: those of PS3.16 Annex L, those that devices write, and
# the same in some European languages, without accents.
PART_TERMS: Mapping[str, str] = {
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
    **dict.fromkeys(("HANDGELENK", "POIGNET", "MUNECA", "POLSO"), "wrist"),
    **dict.fromkeys(("ELLENBOGEN", "COUDE", "CODO", "GOMITO"), "elbow"),
    **dict.fromkeys(("SCHULTER", "EPAULE", "HOMBRO", "SPALLA"), "shoulder"),
    **dict.fromkeys(("SCHLUSSELBEIN", "SCHLUESSELBEIN", "CLAVICULE", "CLAVICULA"), "clavicle"),
    **dict.fromkeys(("OBERARM",), "humerus"),
    **dict.fromkeys(("UNTERARM", "ANTEBRAZO", "AVAMBRACCIO"), "forearm"),
    **dict.fromkeys(("BECKEN", "BASSIN", "BACINO"), "pelvis"),
    **dict.fromkeys(("HUFTE", "HUEFTE", "HANCHE", "CADERA"), "hip"),
    **dict.fromkeys(("OBERSCHENKEL",), "femur"),
    **dict.fromkeys(("KNIE", "GENOU", "RODILLA", "GINOCCHIO"), "knee"),
    **dict.fromkeys(("UNTERSCHENKEL",), "leg"),
    **dict.fromkeys(("SPRUNGGELENK", "OSG", "CHEVILLE", "TOBILLO", "CAVIGLIA"), "ankle"),
    **dict.fromkeys(("ZEHE", "ZEHEN", "ORTEIL", "ORTEILS"), "toe"),
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
# Terms that name the part only as the complete entry: "Radius head" is not a skull.
WHOLE_ENTRIES: Mapping[str, str] = {
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
    # Words of other languages that mean something else in English, or are short.
    **dict.fromkeys(("MAIN", "MANO"), "hand"),
    **dict.fromkeys(("FUSS", "FUS", "PIED", "PIE", "PIEDE"), "foot"),
    "AVANT BRAS": "forearm",
    "UPPER LEG": "femur",
    "GREAT TOE": "toe",
    "AC JOINT": "shoulder",
    # One film of a small child shows both, and neither is a bone or joint.
    **dict.fromkeys(("CHEST ABDOMEN", "CHESTABDOMEN", "CHEST ABD", "ABDOMEN CHEST"), "chest"),
    "FACIAL BONES": "face",
    "PARANASAL SINUSES": "face",
}
# What devices write beside the part: projections, sides, how the patient stands, how many films.
QUALIFIERS = frozenset(
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
TRUNK_AND_SKULL = ("chest", "abdomen", "breast", "skull")
BONE_TERMS = frozenset(("BONE", "BONES", "JOINT"))  # beside "chest" or "breast": ribs, sternum
# What devices write beside trunk and skull that names no part of the body.
NOT_A_PART = frozenset(
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
