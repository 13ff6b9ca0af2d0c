"""Next, and Sign and next: the reader goes on to another case of the view that they are in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.contention import contention, is_away
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.models import Case, Reading
from triage.review.next_case import NothingLeft, take_next
from triage.web.once import once_of_page
from triage.web.view_of_case import ViewOfCase, view_of

NEXT = "next"  # the value of the form's ``then``


@require_POST
def next_case(request: SignedInRequest) -> HttpResponse:
    """Claims the next case of the view and opens it."""
    view, looked_at = view_of(request), _looked_at(request)
    if not request.user.is_authenticated:
        # To the list: the address of an act shows nothing after signing in.
        return redirect_to_login(view.list_address())
    try:
        return redirect(_taken(request, view, looked_at))
    except NothingLeft:
        messages.success(request, _("No more cases in this view."))
        return redirect(view.first_page.list_address())
    except Refused as refused:
        say(request, refused)
        back = view.case_address(looked_at) if looked_at else view.list_address()
        return redirect(back)


def signed(request: SignedInRequest, case: Case) -> HttpResponse:
    """The answer to a signature, which is committed: whatever comes of the next case, it stays."""
    view = view_of(request)
    if request.POST.get("then") != NEXT:
        messages.success(request, _("Signed."))
        return redirect(view.case_address(case.pk))
    try:
        following = _taken(request, view, case.pk)
    except NothingLeft:
        messages.success(request, _("Signed. No more cases in this view."))
        return redirect(view.first_page.list_address())
    except Refused as refused:
        messages.success(request, _("Signed."))
        say(request, refused)
        return redirect(view.case_address(case.pk))
    except OperationalError as error:
        if not (contention(error) or is_away(error)):
            raise
        messages.success(request, _("Signed. The next case could not be taken: press Next."))
        return redirect(view.case_address(case.pk))
    messages.success(request, _("Signed."))
    return redirect(following)


def say(request: HttpRequest, refused: Refused) -> None:
    """Says why. The code is a tag, by which the message shows a link where one helps."""
    messages.error(request, refused.message, extra_tags=refused.code)


def _taken(request: SignedInRequest, view: ViewOfCase, besides: UUID | None) -> str:
    """Takes the next case. Returns the address of its page."""

    def take() -> Reading:
        return take_next(reader=request.user, query=view.query, besides=besides)

    reading = once_of_page(request, Reading, take, part=NEXT)
    if not reading.is_claimed and besides is None:
        reading = (
            take()
        )  # the list came back out of the browser's memory, and they want a further case
    return view.first_page.case_address(reading.case_id)


def _looked_at(request: HttpRequest) -> UUID | None:
    """The case whose page the button is on; None on a list."""
    try:
        return UUID(request.POST.get("case", ""))
    except ValueError:
        return None
