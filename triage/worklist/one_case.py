"""What one person may see of the model's output of one case: on its page, over REST, when they sign.

A list asks ``Disclosure.cases`` instead: the row of a sealed case says nothing to anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.acts import Act
from accounts.services.events import emit
from triage.disclosure import CaseOutput, DisclosedCase, Disclosure, Viewer, disclosure_for
from triage.models import Case
from triage.worklist.case_summary import (
    OUTPUT_FIELDS,
    event_of,
    output_of,
    predictions_of,
    summary_of,
)
from triage.worklist.deadlines import WaitTable


def shown_case(viewer: Viewer, case: Case, disclosure: Disclosure | None = None) -> DisclosedCase:
    """The case as ``viewer`` may see it now.

    For a reader who has locked a first reading of a sealed case, what the model says is worked out from its
    predictions. Its place and its deadline stay those of its priority.
    """
    disclosure = disclosure or disclosure_for(viewer)
    outputs = {case.pk: _output_now(case)} if disclosure.opens(case) else {}
    (shown,) = disclosure.cases([case], outputs)
    return shown


def _output_now(case: Case) -> CaseOutput:
    return output_of(case, predictions_of([case])[case.pk], WaitTable.of(case.site_id))


@dataclass(frozen=True)
class Unsealed:
    """The columns of a row that was sealed, with what they say from now on. Call ``emit`` once all is saved.

    The defaults are of a case that was not sealed: nothing changes.
    """

    case: Case
    columns: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[object, ...] = ()

    def emit(self) -> None:
        """The names of the fields, and no value, as always of the model's output."""
        if self.columns:
            change = event_of(self.before, summary_of(self.case))
            emit(Act.CASE_OUTPUT_CHANGED, self.case, actor=None, site=self.case.site, **change)


def unseal(case: Case) -> Unsealed:
    """What the final opinion on a locked case makes its row say. Nothing is saved.

    The deadline stays: the case was due by its priority alone, whatever the model said.
    """
    if not case.is_sealed:
        return Unsealed(case)
    before, output = summary_of(case), _output_now(case)
    columns = {name: getattr(output, name) for name in OUTPUT_FIELDS}
    for name, value in columns.items():
        setattr(case, name, value)
    return Unsealed(case, columns, before)
