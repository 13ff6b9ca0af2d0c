"""My macros: shortcuts that become texts while I write an opinion."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.models import Macro
from triage.models.macro import LONGEST_SHORTCUT, LONGEST_TEXT, MOST_OF_A_READER
from triage.review.macros import add_macro, change_macro, delete_macro, macros_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def macros(request: SignedInRequest) -> HttpResponse:
    """The list; a POST adds one."""
    if request.method != "POST":
        return _page(request)

    def add(shortcut: str, text: str) -> str:
        macro = add_macro(reader=request.user, shortcut=shortcut, text=text)
        return _("%(shortcut)s was added.") % {"shortcut": macro.shortcut}

    return _act(request, add)


@require_POST
@login_required
def change(request: SignedInRequest, macro_id: UUID) -> HttpResponse:
    macro = get_object_or_404(Macro, reader=request.user, pk=macro_id)

    def save(shortcut: str, text: str) -> str:
        changed = change_macro(macro=macro, shortcut=shortcut, text=text)
        return _("%(shortcut)s was changed.") % {"shortcut": changed.shortcut}

    return _act(request, save, macro_id)


@require_POST
@login_required
def delete(request: SignedInRequest, macro_id: UUID) -> HttpResponse:
    delete_macro(reader=request.user, macro_id=macro_id)
    messages.success(request, _("The macro was deleted."))
    return redirect("macros")


def _act(
    request: SignedInRequest, act: Callable[[str, str], str], macro_id: UUID | None = None
) -> HttpResponse:
    given = {"shortcut": request.POST.get("shortcut", ""), "text": request.POST.get("text", "")}
    try:
        messages.success(request, act(given["shortcut"], given["text"]))
    except Refused as refused:
        return _page(request, refused.status, given=given, of=macro_id, problem=refused.message)
    return redirect("macros")


def _page(request: SignedInRequest, status: int = 200, **more: object) -> HttpResponse:
    limits = {"shortcut": LONGEST_SHORTCUT, "text": LONGEST_TEXT, "macros": MOST_OF_A_READER}
    context = {"macros": macros_of(request.user), "most": limits}
    return render(request, "macros/macros.html", context | more, status=status)
