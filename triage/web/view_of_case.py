"""The view that a case was opened from: the list to go back to, and the order in which the next one comes.

An address of a case names it by ``?view=``, and each form of the page sends it along. It is a query string of
the worklist and grants nothing: whatever is read by it is asked for as this reader.
"""

from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts.refusals import Refused
from triage.worklist.query import WorklistQuery

LONGEST_VIEW = 2000  # characters: each filter with all of its values


@dataclass(frozen=True)
class ViewOfCase:
    query: WorklistQuery = field(default_factory=WorklistQuery)

    @property
    def params(self) -> str:
        """What ``?view=`` and the forms carry; "" for the default worklist."""
        return self.query.params()

    @property
    def suffix(self) -> str:
        """Of the address of a case, or of a part of its page: "?view=…", or ""."""
        return f"?{self._named}" if self._named else ""

    @property
    def further(self) -> str:
        """The same behind other parameters: "&view=…", or ""."""
        return f"&{self._named}" if self._named else ""

    @property
    def _named(self) -> str:
        return urlencode({"view": self.params}) if self.params else ""

    @property
    def first_page(self) -> "ViewOfCase":
        """The same view from its first case on: the next case may be on another page."""
        return ViewOfCase(replace(self.query, cursor=None))

    def list_address(self, case_id: UUID | None = None) -> str:
        """The list, at the row of the case. The default worklist is named: a person may have chosen another
        view to be shown first.
        """
        row = f"#case-{case_id}" if case_id else ""
        return f"{reverse('worklist')}?{self.params or 'sort=deadline'}{row}"

    def case_address(self, case_id: UUID) -> str:
        return reverse("case", args=[case_id]) + self.suffix


def view_of(request: HttpRequest) -> ViewOfCase:
    """The view that the request names; the default worklist if it is damaged: a case can always be read."""
    text = request.POST.get("view") or request.GET.get("view", "")
    if not text or len(text) > LONGEST_VIEW:
        return ViewOfCase()
    try:
        return ViewOfCase(WorklistQuery.from_params(QueryDict(text), without_sort_of_closed=True))
    except Refused:
        return ViewOfCase()
