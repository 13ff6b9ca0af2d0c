"""What a form of an opinion offers, on every case in the same place."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from triage.disclosure import DisclosedCase, DisclosedPrediction
from triage.review.agreement import agreement, refusal_to_agree, suggestion
from triage.vocabulary import FractureCertainty, FractureClass


@dataclass(frozen=True)
class Answer:
    """One answer to "Is there a fracture?", or one type. ``act``: of the table of keys."""

    value: str
    label: str
    act: str


@dataclass(frozen=True)
class Agreement:
    """``says``: what agreeing fills in, the answer and then the types, with blanks between.

    ``why_not`` is "" where one can agree, else a sentence that says why not.
    """

    label: str
    why_not: str = ""
    says: str = ""


@dataclass(frozen=True)
class OfferedOpinions:
    answers: list[Answer]
    types: list[Answer]
    agreement: Agreement


def offered_opinions(
    disclosed: DisclosedPrediction | None, case: DisclosedCase, number: int | None
) -> OfferedOpinions:
    """Every answer and every type. "Agree" says what it signs; where nobody can agree, it says why.

    Args:
        disclosed: the prediction that gave the case's call, as the reader of this form sees or saw it.
        case: as that reader sees it.
        number: of the image that it is of; None if the case has only one.
    """
    return OfferedOpinions(
        answers=[
            Answer(answer.value, str(answer.label), f"opinion.{answer.value}")
            for answer in FractureCertainty
        ],
        types=[Answer(name.value, str(name.label), f"type.{name.value}") for name in FractureClass],
        agreement=_agreement(disclosed, case, number),
    )


def _agreement(
    disclosed: DisclosedPrediction | None, case: DisclosedCase, number: int | None
) -> Agreement:
    refusal = refusal_to_agree(disclosed, case)
    if refusal or disclosed is None:
        return Agreement(_("Agree with the model"), why_not=refusal.message if refusal else "")
    said, label = suggestion(disclosed), agreement(disclosed)
    if number is not None:
        label = _("%(agreement)s (picture %(number)d)") % {"agreement": label, "number": number}
    return Agreement(label, says=" ".join([said.fracture, *said.classes]))
