"""What one person may see of the model's output now: one answer for rows, orders, filters and ETags."""

from collections.abc import Iterable
from dataclasses import dataclass

from triage.disclosure.cases import DisclosedCase
from triage.disclosure.order import ALL, WITHOUT_MODEL, Sortable
from triage.disclosure.policy import HiddenOf, Viewer, policy
from triage.models import Case


@dataclass(frozen=True)
class Disclosure:
    """The policy's answer for one person in one request, made by ``disclosure_for`` alone.

    Whoever shows several things of one page takes them from one ``Disclosure``: two answers could differ, and
    a page would be sorted by what its rows hide.
    """

    hidden_of: HiddenOf | None

    @property
    def sortable(self) -> Sortable:
        """What this person's lists may be sorted and filtered by.

        The same for all of their cases. A list mixes hidden and visible cases, and the position of a hidden
        one would reveal the model's output.
        """
        return ALL if self.hidden_of is None else WITHOUT_MODEL

    def cases(self, cases: Iterable[Case]) -> list[DisclosedCase]:
        """``cases`` in their order. That the person may see them at all is not asked here."""
        cases = list(cases)
        hidden = frozenset() if self.hidden_of is None else self.hidden_of(cases)
        return [DisclosedCase(case, case.pk not in hidden) for case in cases]


def disclosure_for(viewer: Viewer) -> Disclosure:
    """Asks the policy in force, once."""
    return Disclosure(policy().hidden_from(viewer))


def shown_to(viewer: Viewer, cases: Iterable[Case]) -> list[DisclosedCase]:
    """``cases`` as ``viewer`` may see them now, where nothing else of the answer is needed."""
    return disclosure_for(viewer).cases(cases)
