"""When a case goes to a third reader: the site's rules, and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.disclosure import DisclosedCase
from triage.models import InterimOpinion, ReadingRules, Review
from triage.models.interim_opinion import InterimFracture
from triage.review.interim import newest_of
from triage.review.reading_rules import reading_rules_of
from triage.vocabulary import Call, Conclusion, Differs, Stage

_BY_INTERIM = {
    InterimFracture.FRACTURE: Conclusion.FRACTURE,
    InterimFracture.NONE: Conclusion.NO_FRACTURE,
}


@dataclass(frozen=True)
class Compared:
    """What a final opinion is compared with. None: there is no such thing, or it says neither.

    ``probability``: the chance of a fracture that the model gives, 0..1; None where its call may not be used.
    """

    first: Conclusion | None = None
    interim: Conclusion | None = None
    call: Call | None = None
    probability: float | None = None

    @classmethod
    def of(cls, first: Review | None, disclosed_case: DisclosedCase) -> "Compared":
        disclosed = disclosed_case.deciding
        return cls(
            first=first.conclusion if first else None,
            interim=_conclusion_of(newest_of(disclosed_case.case)),
            call=disclosed_case.call,
            probability=disclosed.fracture_probability if disclosed else None,
        )

    def sure_of(self, percent: int | None) -> Conclusion | None:
        """What the model is sure of by at least ``percent``: a fracture, or none."""
        if percent is None or self.probability is None:
            return None
        if self.call == Call.POSITIVE and self.probability >= percent / 100:
            return Conclusion.FRACTURE
        if self.call == Call.NEGATIVE and 1 - self.probability >= percent / 100:
            return Conclusion.NO_FRACTURE
        return None


def _conclusion_of(interim: InterimOpinion | None) -> Conclusion | None:
    return _BY_INTERIM.get(InterimFracture(interim.interim_fracture)) if interim else None


def differences(final: Conclusion, compared: Compared, rules: ReadingRules) -> list[Differs]:
    """With what the final opinion differs so that the site's rules ask a third reader; most often nothing."""
    found = {
        Differs.FIRST: rules.third_if_first_differs and _differs(final, compared.first),
        Differs.INTERIM: rules.third_if_interim_differs and _differs(final, compared.interim),
        Differs.MODEL: _differs(final, compared.sure_of(rules.third_model_percent)),
    }
    return [name for name, differs in found.items() if differs]


def _differs(final: Conclusion, other: Conclusion | None) -> bool:
    return other is not None and final != other


def third_reading_because(
    final: Review, first: Review | None, disclosed_case: DisclosedCase
) -> Sequence[Differs]:
    """Why the case goes to a third reader after this opinion; empty: it closes the case, as a third one does.

    ``disclosed_case``: the locked case as the opinion's reader saw it.
    """
    if final.stage == Stage.THIRD:
        return []
    rules = reading_rules_of(final.case.site_id)
    if not rules.asks_a_third:
        return []
    return differences(final.conclusion, Compared.of(first, disclosed_case), rules)


def third_because_shown(disclosed_case: DisclosedCase) -> list[Differs]:
    """What the final opinion differs from, so that a third reader is asked. Empty where it is hidden: it says
    what was signed.
    """
    if not disclosed_case.is_shown:
        return []
    return [Differs(code) for code in disclosed_case.case.third_because]
