"""The opinions that a form offers, each with its key, on every case in the same place."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from triage.disclosure import Told
from triage.review.services import NOTHING_TO_AGREE_WITH
from triage.vocabulary import OPINION_KEYS, Opinion


@dataclass(frozen=True)
class OpinionChoice:
    """``why_not`` is "" where the opinion can be chosen, else a sentence that says why it can't."""

    value: str
    label: str
    key: str
    why_not: str


def opinion_choices(told: Told | None, in_words: str) -> list[OpinionChoice]:
    """Every opinion. "Agree" says what it agrees with; without a prediction it can't be chosen.

    ``in_words``: what ``told`` says, and of which picture.
    """
    return [
        OpinionChoice(
            value=opinion.value,
            label=_agreement(in_words) if opinion == Opinion.AGREE else str(opinion.label),
            key=key,
            why_not=str(NOTHING_TO_AGREE_WITH) if opinion == Opinion.AGREE and told is None else "",
        )
        for opinion, key in OPINION_KEYS.items()
    ]


def _agreement(in_words: str) -> str:
    if not in_words:
        return str(Opinion.AGREE.label)
    return _("Agree with the model: %(finding)s") % {"finding": in_words}
