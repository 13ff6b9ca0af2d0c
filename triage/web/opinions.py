"""The opinions that a form offers, each with its key, on every case in the same place."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from triage.disclosure import DisclosedCase, DisclosedPrediction
from triage.review.agreement import agreement, refusal_to_agree
from triage.vocabulary import OPINION_KEYS, Opinion


@dataclass(frozen=True)
class OpinionChoice:
    """``why_not`` is "" where the opinion can be chosen, else a sentence that says why it can't."""

    value: str
    label: str
    key: str
    why_not: str

    @property
    def names_classes(self) -> bool:
        """Whether classes are chosen with it."""
        return self.value == Opinion.OTHER_CLASS


def opinion_choices(
    disclosed: DisclosedPrediction | None, case: DisclosedCase, number: int | None
) -> list[OpinionChoice]:
    """Every opinion. "Agree" says what it signs; where nobody can agree, it says why.

    Args:
        disclosed: the prediction that gave the case's call, as the reader of this form sees or saw it.
        case: as that reader sees it.
        number: of the image that it is of; None if the case has only one.
    """
    refusal = refusal_to_agree(disclosed, case)
    agree = (
        str(Opinion.AGREE.label) if refusal or disclosed is None else _of_image(disclosed, number)
    )
    return [
        OpinionChoice(
            value=opinion.value,
            label=agree if opinion == Opinion.AGREE else str(opinion.label),
            key=key,
            why_not=refusal.message if refusal and opinion == Opinion.AGREE else "",
        )
        for opinion, key in OPINION_KEYS.items()
    ]


def _of_image(disclosed: DisclosedPrediction, number: int | None) -> str:
    if number is None:
        return agreement(disclosed)
    return _("%(agreement)s (picture %(number)d)") % {
        "agreement": agreement(disclosed),
        "number": number,
    }
