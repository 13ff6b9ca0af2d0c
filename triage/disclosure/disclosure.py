"""What one person may see of the model's output now: one answer for rows, orders, filters and ETags."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.access import sites_where
from triage.disclosure.cases import DisclosedCase
from triage.disclosure.order import ALL, WITHOUT_MODEL, Sortable
from triage.disclosure.output import CaseOutput
from triage.disclosure.policy import HiddenOf, Viewer, policy
from triage.models import Case, Review
from triage.vocabulary import Stage


@dataclass(frozen=True)
class Disclosure:
    """The policy's answer for one person in one request, made by ``disclosure_for`` alone.

    Whoever shows several things of one page takes them from one ``Disclosure``: two answers could differ, and
    a page would be sorted by what its rows hide.
    """

    viewer: Viewer
    hidden_of: HiddenOf | None

    @property
    def sortable(self) -> Sortable:
        """What this person's lists may be sorted and filtered by.

        The same for all of their cases. A list mixes cases that the policy hides and others, and the position
        of a hidden one would reveal the model's output. Sealed cases change nothing: their rows say nothing.
        """
        return ALL if self.hidden_of is None else WITHOUT_MODEL

    def cases(
        self, cases: Iterable[Case], outputs: Mapping[UUID, CaseOutput] | None = None
    ) -> list[DisclosedCase]:
        """``cases`` in their order. That the person may see them at all is not asked here.

        Args:
            outputs: what the model says of sealed cases that this person has opened. Every other sealed case
                is hidden. Only ``worklist.one_case`` gives it.
        """
        cases = list(cases)
        hidden = frozenset() if self.hidden_of is None else self.hidden_of(cases)
        shown: Mapping[UUID, Case | CaseOutput] = {
            **{case.pk: case for case in cases if not case.is_sealed},
            **(outputs or {}),
        }
        return [
            DisclosedCase(case, None if case.pk in hidden else shown.get(case.pk)) for case in cases
        ]

    def opens(self, case: Case) -> bool:
        """Whether this person sees what the model says of a sealed case, and others don't.

        That is so once they have locked a first reading of it. False for a case that is not sealed.
        """
        if not case.is_sealed or not self.viewer.is_authenticated:
            return False
        locked = Review.objects.filter(case=case, reader=self.viewer.pk, stage=Stage.FIRST)
        return locked.exists()


def disclosure_for(viewer: Viewer) -> Disclosure:
    """Asks the policy in force, once."""
    return Disclosure(viewer, policy().hidden_from(viewer))


def disclosure_at(site_id: UUID, viewer: Viewer) -> Disclosure:
    """As ``disclosure_for``, where a person learns something of a site's cases and may open none of them.

    What the model says is hidden then: what follows from it could be asked for until it is known.
    """
    if site_id in sites_where(viewer):
        return disclosure_for(viewer)
    return Disclosure(viewer, lambda cases: {case.pk for case in cases})


def shown_to(viewer: Viewer, cases: Iterable[Case]) -> list[DisclosedCase]:
    """``cases`` as ``viewer`` may see them in a list now, where nothing else of the answer is needed."""
    return disclosure_for(viewer).cases(cases)
