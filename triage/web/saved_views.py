"""Saves and deletes a person's own views of the worklist."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.worklist.saved_views import delete_view, save_view


@require_POST
@login_required
def save(request: SignedInRequest) -> HttpResponse:
    """Saves the view that the list shows, and returns to it."""
    given = {name: request.POST.get(name, "") for name in ("name", "params")}
    try:
        view = save_view(person=request.user, is_default="is_default" in request.POST, **given)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("worklist")
    messages.success(request, _("The view “%(name)s” was saved.") % {"name": view.name})
    return redirect(f"{reverse('worklist')}?{view.params or 'sort=deadline'}")


@require_POST
@login_required
def delete(request: SignedInRequest, view_id: UUID) -> HttpResponse:
    delete_view(person=request.user, view_id=view_id)
    messages.success(request, _("The view was deleted."))
    return redirect(f"{reverse('worklist')}?sort=deadline")
