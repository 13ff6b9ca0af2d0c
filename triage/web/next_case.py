"""Next, and Sign and next: the reader goes on to another case of the view that they are in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.contention import contention, is_away
from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.disclosure import DisclosedCase, disclosure_for
from triage.models import Case, Reading, Skip
from triage.review.finality import signed_in_words, why_not_final
from triage.review.next_case import NothingLeft, candidates, take_next
from triage.review.skips import skip_case
from triage.states import CaseState
from triage.vocabulary import FractureCertainty
from triage.web.fragments import fragment
from triage.web.of_case import of_visible_case
from triage.web.once import once_of_page
from triage.web.view_of_case import ViewOfCase, view_of
from triage.worklist.one_case import shown_case
from triage.worklist.query import WorklistQuery

NEXT = "next"  # the value of the form's ``then``
THIRD_READINGS = WorklistQuery.from_params({"state": CaseState.THIRD.value})


@require_POST
def next_case(request: SignedInRequest) -> HttpResponse:
    """Claims the next case of the view and opens it."""
    view, looked_at = view_of(request), _looked_at(request.POST)
    if not request.user.is_authenticated:
        # To the list: the address of an act shows nothing after signing in.
        return redirect_to_login(view.list_address())
    try:
        return redirect(_taken(request, view, looked_at, anew=True))
    except NothingLeft:
        return _the_open_one(request, view) if looked_at else _nothing_free(request, view)
    except Refused as refused:
        say(request, refused)
        back = view.case_address(looked_at) if looked_at else view.list_address()
        return redirect(back)


def _the_open_one(request: SignedInRequest, view: ViewOfCase) -> HttpResponse:
    """Nothing else of the view is free. The case whose page is open may be: then it is the next one."""
    try:
        address = redirect(_taken(request, view, None))
    except Refused as refused:
        say(request, refused)
        return redirect(view.list_address())
    except NothingLeft:
        return _nothing_free(request, view)
    if view.query.values("mine"):
        text = _("You hold no other case of this view.")
    else:
        text = _("No other case in this view is free, and this one is yours now.")
    messages.success(request, text)
    return address


def signed(request: SignedInRequest, case: Case, fracture: str) -> HttpResponse:
    """The answer to a signature, which is committed: whatever comes of the next case, it stays.

    ``fracture``: what was signed. The next page names the case with it, since it shows another one.
    """
    view = view_of(request)
    case.refresh_from_db()
    shown = shown_case(request.user, case)
    say_signed = messages.warning if why_not_final(shown) else messages.success
    if request.POST.get("then") != NEXT:
        say_signed(request, signed_in_words(shown))
        return redirect(view.case_address(case.pk))
    answer = FractureCertainty(fracture).label if fracture in FractureCertainty.values else ""
    text = format_html(
        '<span>{}</span> <a href="{}">{}</a>',
        signed_in_words(shown),
        view.case_address(case.pk),
        f"{case.called}: {answer}" if answer else case.called,
    )
    say_signed(request, text, extra_tags="of-before")
    return _on_from(request, view, case)


@require_POST
@of_visible_case
def skip(request: SignedInRequest, case: Case) -> HttpResponse:
    """Passes the case over, and goes on to the next one of the view."""
    view = view_of(request)
    try:
        once_of_page(
            request,
            Skip,
            lambda: skip_case(
                case=case, reader=request.user, reason=request.POST.get("reason", "")
            ),
        )
    except Refused as refused:
        say(request, refused)
        return redirect(view.case_address(case.pk))
    messages.success(request, _("Skipped. The case is in the list for others."))
    return _on_from(request, view, case)


@require_safe
@login_required
@fragment
def pictures_ahead(request: SignedInRequest) -> HttpResponse:
    """Addresses of the pictures that the next pages begin with. The cases are not claimed."""
    view, looked_at = view_of(request), _looked_at(request.GET)
    disclosure = disclosure_for(request.user)
    try:
        cases = candidates(request.user, view.query, disclosure, looked_at)
    except Refused:  # a view that is sorted by what is hidden by now
        cases = []
    pictures = [
        reverse("image", args=[picture, "display"])
        for picture in map(first_picture, disclosure.cases(cases))
        if picture
    ]
    return JsonResponse({"pictures": pictures})


def first_picture(case: DisclosedCase) -> UUID | None:
    """The picture that the case's page shows first, for this reader."""
    if case.deciding:
        return case.deciding.prediction.image_id
    return case.case.first_image.pk if case.case.first_image else None


def _on_from(request: SignedInRequest, view: ViewOfCase, case: Case) -> HttpResponse:
    """To the next case. What was done with this one is committed, whatever comes of the next."""
    try:
        return redirect(_taken(request, view, case.pk))
    except NothingLeft:
        return _nothing_free(request, view)
    except Refused as refused:
        say(request, refused)
    except OperationalError as error:
        if not (contention(error) or is_away(error)):
            raise
        messages.error(request, _("The next case could not be taken: press Next."))
    return redirect(view.case_address(case.pk))


def _nothing_free(request: SignedInRequest, view: ViewOfCase) -> HttpResponse:
    """The list, with what helps further beside the message.

    Third readings are no part of a view that doesn't ask for them: it says if some wait.
    """
    text = _("No case in this view is free for you now.")
    if view.query.values("mine"):
        text = _("You hold no other case of this view.")
    messages.success(request, text, extra_tags="nothing_free")
    third = not view.query.values("state") and candidates(
        request.user, THIRD_READINGS, disclosure_for(request.user)
    )
    if third:
        text = _("Cases wait for you as the third reader: open the list “Third reading”.")
        messages.info(request, text, extra_tags="third_readings")
    return redirect(view.first_page.list_address())


def say(request: HttpRequest, refused: Refused) -> None:
    """Says why. The code is a tag, by which the message shows a link where one helps."""
    messages.error(request, refused.message, extra_tags=refused.code)


def _taken(
    request: SignedInRequest, view: ViewOfCase, besides: UUID | None, *, anew: bool = False
) -> str:
    """Takes the next case. Returns the address of its page.

    ``anew``: a further one, if what the button took before is held no more: the browser had kept the page.
    """

    def take() -> Reading:
        return take_next(reader=request.user, query=view.query, besides=besides)

    reading = once_of_page(request, Reading, take, part=NEXT)
    if anew and not reading.is_claimed:
        reading = take()
    return view.first_page.case_address(reading.case_id)


def _looked_at(given: QueryDict) -> UUID | None:
    """The case whose page the button is on; None on a list."""
    try:
        return UUID(given.get("case", ""))
    except ValueError:
        return None
