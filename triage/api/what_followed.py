"""What the serializers of critical results and of call-backs need beside the rows."""

from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request

from triage.disclosure import shown_to
from triage.models import CallBack, CriticalResult


def context_of(request: Request, rows: Iterable[CallBack | CriticalResult]) -> dict[str, Any]:
    """Of which cases the caller may know what was signed. The policy is asked once."""
    disclosed = shown_to(request.user, [row.case for row in rows])
    return {"request": request, "shown": {case.case.pk for case in disclosed if case.is_shown}}
