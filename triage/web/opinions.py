"""The opinions that a form offers, each with its key, on every case in the same place."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from triage.models import Prediction
from triage.review.services import NOTHING_TO_AGREE_WITH
from triage.vocabulary import OPINION_KEYS, FractureClass, Opinion


@dataclass(frozen=True)
class OpinionChoice:
    """``why_not`` is "" where the opinion can be chosen, else a sentence that says why it can't."""

    value: str
    label: str
    key: str
    why_not: str


def opinion_choices(prediction: Prediction | None) -> list[OpinionChoice]:
    """Every opinion. "Agree" says what it agrees with; without a prediction it can't be chosen."""
    return [
        OpinionChoice(
            value=opinion.value,
            label=_agreement(prediction) if opinion == Opinion.AGREE else str(opinion.label),
            key=key,
            why_not=str(NOTHING_TO_AGREE_WITH)
            if opinion == Opinion.AGREE and prediction is None
            else "",
        )
        for opinion, key in OPINION_KEYS.items()
    ]


def _agreement(prediction: Prediction | None) -> str:
    if prediction is None:
        return str(Opinion.AGREE.label)
    return _("Agree with the model: %(finding)s") % {"finding": finding_in_words(prediction)}


def finding_in_words(prediction: Prediction) -> str:
    """What the prediction says, as short as a reader would: the type, or that there is none."""
    if prediction.suggests_a_class:
        return str(FractureClass(prediction.top_class).label)
    return str(prediction.suspicion.label)
