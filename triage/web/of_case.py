"""A view of one case, which its reader may see."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.requests import SignedInRequest
from triage.disclosure import with_deciding_prediction
from triage.models import Case
from triage.web.view_of_case import view_of

CaseView = Callable[Concatenate[SignedInRequest, Case, ...], HttpResponseBase]


def of_visible_case(view: CaseView) -> Callable[..., HttpResponseBase]:
    """Gives the view the case of the address; 404 for a stranger."""

    @wraps(view)
    def wrapper(request: SignedInRequest, case_id: UUID, **arguments: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            # To the case itself: the address of an act shows nothing after signing in.
            return redirect_to_login(view_of(request).case_address(case_id))
        return view(request, visible_case(request.user, case_id), **arguments)

    return wrapper


def visible_case(user: User, case_id: UUID) -> Case:
    """The case as it is now. Raises Http404 for a stranger."""
    visible = with_deciding_prediction(Case.objects.visible_to(user))
    return get_object_or_404(visible.select_related("site", "sender", "withdrawn_by"), pk=case_id)
