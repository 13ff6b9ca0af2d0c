"""How a signed opinion differs from what the clinic thought and did: no database, no clock."""

from collections.abc import Collection
from dataclasses import dataclass

from triage.models import InterimOpinion, Review
from triage.models.call_back import CallBackReason
from triage.models.interim_opinion import InterimFracture, TreatedAs
from triage.vocabulary import Conclusion, FractureCertainty, FractureClass

AS_A_FRACTURE = (TreatedAs.FRACTURE, TreatedAs.DISLOCATION)


@dataclass(frozen=True)
class Signed:
    """What a signed opinion comes to, as far as call-backs compare it.

    ``possible``: the reader doesn't exclude a fracture. ``conclusion`` is then a fracture too.
    """

    conclusion: Conclusion
    classes: Collection[str] = ()
    possible: bool = False

    @classmethod
    def of(cls, review: Review) -> "Signed":
        possible = review.fracture == FractureCertainty.POSSIBLE
        return cls(review.conclusion, tuple(review.classes), possible)


@dataclass(frozen=True)
class Thought:
    """What an interim opinion says, as far as call-backs compare it."""

    fracture: str
    treated_as: str

    @classmethod
    def of(cls, interim: InterimOpinion) -> "Thought":
        return cls(interim.interim_fracture, interim.treated_as)


def difference(thought: Thought, signed: Signed) -> CallBackReason | None:
    """The gravest difference that may matter, or None. Whether it matters at a site is its table's answer."""
    treated = thought.treated_as in AS_A_FRACTURE
    if signed.conclusion == Conclusion.NO_FRACTURE:
        return CallBackReason.TREATED_WITHOUT_FRACTURE if treated else None
    if signed.conclusion != Conclusion.FRACTURE:
        return None
    if FractureClass.FRACTURE_DISLOCATION in signed.classes:
        seen = thought.treated_as == TreatedAs.DISLOCATION
        return None if seen else CallBackReason.DISLOCATION_MISSED
    if treated or thought.fracture == InterimFracture.FRACTURE:
        return None
    if signed.possible:
        return CallBackReason.POSSIBLE_FRACTURE_MISSED
    return CallBackReason.FRACTURE_MISSED
