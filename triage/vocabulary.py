"""The words a case may use: body parts, sides, projections, ages, priorities, fracture classes."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


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
    """DICOM's Body Part Examined terms (PS3.16 Annex L), as far as bones go."""

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


class Suspicion(IntegerChoices):
    """What the model makes of a picture or a case. Lower is more urgent, so an ascending index puts it
    first.
    """

    POSITIVE = 0, _("Fracture suspected")
    DOUBT = 1, _("In doubt")
    NEGATIVE = 2, _("No fracture seen")
    REFUSED = 3, _("Not assessable")
    UNREAD = 4, _("Not read yet")


SUSPECTED = (Suspicion.POSITIVE, Suspicion.DOUBT)  # of these a type and its confidence are told
SUSPICION_NAMES = {suspicion.name.lower(): int(suspicion) for suspicion in Suspicion}


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


class Opinion(TextChoices):
    """What a reader says. ``agree`` agrees with a prediction, whatever that prediction says."""

    AGREE = "agree", _("Agree with the model")
    OTHER_CLASS = "other_class", _("Another class")
    NO_FRACTURE = "no_fracture", _("No fracture")
    NOT_ASSESSABLE = "not_assessable", _("Not assessable")


# A key belongs to an opinion on every case, whether or not the opinion can be chosen there. Readers sign
# by habit: a key that meant another opinion on the next case would sign the wrong one.
OPINION_KEYS: dict[Opinion, str] = {
    Opinion.AGREE: "1",
    Opinion.OTHER_CLASS: "2",
    Opinion.NO_FRACTURE: "3",
    Opinion.NOT_ASSESSABLE: "4",
}


class Conclusion(TextChoices):
    """What an opinion comes to, whether the reader said it or agreed with it."""

    FRACTURE = "fracture", _("Fracture")
    NO_FRACTURE = "no_fracture", _("No fracture")
    NOT_ASSESSABLE = "not_assessable", _("Not assessable")


class Stage(TextChoices):
    """Where in a case's reading a review stands. Blind reading and a third reader use the rest."""

    BLIND = "blind", _("Blind read")
    SECOND_OPINION = "second_opinion", _("Second opinion")
    ARBITRATION = "arbitration", _("Third reader")


class Source(TextChoices):
    WEB = "web", _("Upload page")
    API = "api", _("REST")
    DEMO = "demo", _("Demonstration")
