"""The values of a case: body parts, sides, projections, ages, priorities, fracture classes."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from classifier.indications import OUTSIDE, UNKNOWN_PART


class Priority(IntegerChoices):
    """Lower is more urgent, so an ascending index puts the urgent first."""

    STAT = 0, _("Stat")
    URGENT = 1, _("Urgent")
    ROUTINE = 2, _("Routine")


class AgeBand(TextChoices):
    """Bands, not ages: enough for reading growth plates, too coarse to find a person by."""

    INFANT = "0-1", _("Under 2 years")
    CHILD = "2-11", _("2 to 11 years")
    ADOLESCENT = "12-17", _("12 to 17 years")
    ADULT = "18-64", _("18 to 64 years")
    OLDER = "65+", _("65 years or more")


class Sex(TextChoices):
    FEMALE = "F", _("Female")
    MALE = "M", _("Male")
    OTHER = "O", _("Other")


class BodyPart(TextChoices):
    """DICOM's Body Part Examined terms (PS3.16 Annex L), as far as bones go.

    Chest and abdomen are here so that a sender can say it of a film that no model is for.
    """

    SKULL = "SKULL", _("Skull")
    JAW = "JAW", _("Jaw")
    CLAVICLE = "CLAVICLE", _("Clavicle")
    SHOULDER = "SHOULDER", _("Shoulder")
    HUMERUS = "HUMERUS", _("Upper arm")
    ELBOW = "ELBOW", _("Elbow")
    FOREARM = "FOREARM", _("Forearm")
    WRIST = "WRIST", _("Wrist")
    HAND = "HAND", _("Hand")
    FINGER = "FINGER", _("Finger")
    RIB = "RIB", _("Ribs")
    CHEST = "CHEST", _("Chest")
    ABDOMEN = "ABDOMEN", _("Abdomen")
    CSPINE = "CSPINE", _("Cervical spine")
    TSPINE = "TSPINE", _("Thoracic spine")
    LSPINE = "LSPINE", _("Lumbar spine")
    PELVIS = "PELVIS", _("Pelvis")
    HIP = "HIP", _("Hip")
    FEMUR = "FEMUR", _("Thigh")
    KNEE = "KNEE", _("Knee")
    LEG = "LEG", _("Lower leg")
    ANKLE = "ANKLE", _("Ankle")
    FOOT = "FOOT", _("Foot")
    TOE = "TOE", _("Toe")
    OTHER = "OTHER", _("Other")


class Side(TextChoices):
    LEFT = "L", _("Left")
    RIGHT = "R", _("Right")
    BOTH = "B", _("Both")
    UNPAIRED = "U", _("Unpaired")


class Projection(TextChoices):
    AP = "AP", _("AP")
    PA = "PA", _("PA")
    LATERAL = "LL", _("Lateral")
    OBLIQUE = "OBL", _("Oblique")
    AXIAL = "AXIAL", _("Axial")
    SEVERAL = "SEVERAL", _("Several")
    OTHER = "OTHER", _("Other")


# What one picture may show; only a case may have several projections.
ONE_PROJECTION = [choice for choice in Projection.choices if choice[0] != Projection.SEVERAL]


class SpacingPlane(TextChoices):
    """Where a pixel spacing is measured: only in the patient are lengths those of the bone."""

    PATIENT = "patient", _("in the patient")
    DETECTOR = "detector", _("at the detector")
    UNKNOWN = "unknown", _("plane not known")


class DisplayBy(TextChoices):
    """What makes greys of an image's values: ``classifier.display.Display.by``."""

    WINDOW = "window", _("window of the header")
    TABLE = "table", _("table of the header (VOI LUT)")
    VALUES = "values", _("values of the picture")
    VALUES_BESIDE_WINDOW = (
        "values_beside_window",
        _("values of the picture, since the header's window shows none"),
    )


class Call(IntegerChoices):
    """What the model says of a picture or a case. Lower is more urgent: an ascending index begins there."""

    POSITIVE = 0, _("Fracture suspected")
    DOUBT = 1, _("In doubt")
    NEGATIVE = 2, _("No fracture seen")
    NOT_ASSESSABLE = 3, _("Not assessable")
    UNREAD = 4, _("Not read by a model, or not yet")


SUSPECTED = (Call.POSITIVE, Call.DOUBT)  # a type and its confidence are disclosed only with these
CALL_NAMES = {call.name.lower(): int(call) for call in Call}


class UnreadCode(TextChoices):
    """Why a case stays unread for good; "" while it is only not read yet, or its reading failed."""

    OUTSIDE_INDICATIONS = OUTSIDE, _("Not read by a model")


class Indication(TextChoices):
    """Whether a release was measured on pictures such as a prediction's; "" where that wasn't looked at."""

    MEASURED = "measured", _("Measured")
    NOT_MEASURED = "not_measured", _("Not measured")


class FractureClass(TextChoices):
    """The ten classes, in the release's own names (``classifier.labels.CLASSES``)."""

    AVULSION = "avulsion", _("Avulsion")
    COMMINUTED = "comminuted", _("Comminuted")
    FRACTURE_DISLOCATION = "fracture_dislocation", _("Fracture dislocation")
    GREENSTICK = "greenstick", _("Greenstick")
    HAIRLINE = "hairline", _("Hairline")
    IMPACTED = "impacted", _("Impacted")
    LONGITUDINAL = "longitudinal", _("Longitudinal")
    OBLIQUE = "oblique", _("Oblique")
    PATHOLOGICAL = "pathological", _("Pathological")
    SPIRAL = "spiral", _("Spiral")


class FractureCertainty(TextChoices):
    """What a reader says of the case: the first answer of an opinion."""

    CERTAIN = "certain", _("Fracture")
    POSSIBLE = "possible", _("Possible fracture")
    NONE = "none", _("No fracture")
    NOT_ASSESSABLE = "not_assessable", _("Not assessable")


# Only with these does a reader name types, places, and whether it is displaced or old.
FRACTURED = (FractureCertainty.CERTAIN, FractureCertainty.POSSIBLE)


class Conclusion(TextChoices):
    """What an opinion comes to, as the first clients of REST and the training set count it."""

    FRACTURE = "fracture", _("Fracture")
    NO_FRACTURE = "no_fracture", _("No fracture")
    NOT_ASSESSABLE = "not_assessable", _("Not assessable")


class Stage(TextChoices):
    """Where in a case's reading a review stands.

    FIRST: of a blind case, before its reader was shown what the model says. SECOND_OPINION: the final one.
    THIRD: of another reader, where the final opinion differs from something (``Differs``).
    """

    FIRST = "first", _("First reading")
    SECOND_OPINION = "second_opinion", _("Second opinion")
    THIRD = "third", _("Third reading")


class Differs(TextChoices):
    """What a final opinion differs from, so that a third reader is asked."""

    FIRST = "first", _("the first reading")
    INTERIM = "interim", _("the interim opinion")
    MODEL = "model", _("what the model is sure of")


class Source(TextChoices):
    WEB = "web", _("Upload page")
    API = "api", _("REST")
    DEMO = "demo", _("Demonstration")


# How a page names what a release was not measured for: the keys are those of ``classifier.header_terms``.
INDICATION_LABELS = {
    "infant": _("infant"),
    "child": _("child"),
    "adolescent": _("adolescent"),
    "adult": _("adult"),
    "older": _("65 years or more"),
    "frontal": _("frontal projection"),
    "lateral": _("lateral projection"),
    "oblique": _("oblique projection"),
    "axial": _("axial projection"),
    "skull": _("skull"),
    "face": _("face"),
    "jaw": _("jaw"),
    "neck": _("neck"),
    "cspine": _("cervical spine"),
    "tspine": _("thoracic spine"),
    "lspine": _("lumbar spine"),
    "spine": _("spine"),
    "sacrum": _("sacrum"),
    "chest": _("chest"),
    "rib": _("ribs"),
    "sternum": _("sternum"),
    "abdomen": _("abdomen"),
    "breast": _("breast"),
    "clavicle": _("clavicle"),
    "shoulder": _("shoulder"),
    "humerus": _("upper arm"),
    "elbow": _("elbow"),
    "forearm": _("forearm"),
    "wrist": _("wrist"),
    "hand": _("hand"),
    "finger": _("finger"),
    "pelvis": _("pelvis"),
    "hip": _("hip"),
    "femur": _("thigh"),
    "knee": _("knee"),
    "leg": _("lower leg"),
    "ankle": _("ankle"),
    "foot": _("foot"),
    "toe": _("toe"),
    UNKNOWN_PART: _("an unknown body part"),
}
