"""What the page of a case shows: each picture with its own facts, the model's output, what was signed."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from accounts.requests import SignedInRequest
from triage.disclosure import DisclosedCase, Sortable, disclosure_for
from triage.http.versions import versions_of
from triage.models import Case, Image, InterimOpinion, PriorityChange
from triage.review.actions import Action, Actions
from triage.review.claims import how_it_was_lost, lost_reading
from triage.review.finality import why_not_final
from triage.review.opinion import GivenOpinion, given_in
from triage.review.previous import previous_of
from triage.review.stages import first_reading_of
from triage.states import CaseState
from triage.vocabulary import Stage
from triage.web.case_head import earlier_in_head, who_is_asked_about
from triage.web.draft_on_page import drafts_on_page, seen_in_form
from triage.web.image_facts import case_side_and_projection
from triage.web.image_panel import ImagePanel, panels_of
from triage.web.interim_panel import interim_panel
from triage.web.once import new_key
from triage.web.opinions import offered_opinions
from triage.web.priority_form import priority_panel
from triage.web.rows import gaps, row_of
from triage.web.signed import signed_opinions
from triage.web.signed_places import places_by_picture
from triage.web.standing import standings
from triage.web.view_of_case import view_of
from triage.worklist.one_case import shown_case
from triage.worklist.position import position_of


def model_output_context(request: SignedInRequest, case: Case) -> dict[str, Any]:
    """What the model says of each picture and of the case, and which picture is shown first.

    Raises Http404 if the address names a picture that the case doesn't have.
    """
    disclosure = disclosure_for(request.user)
    disclosed_case = shown_case(request.user, case, disclosure)
    panels = panels_of(disclosed_case)
    deciding = next((panel for panel in panels if panel.gives_call), None)
    return {
        "case": case,
        "view": view_of(request),
        "disclosed_case": disclosed_case,
        "sortable": disclosure.sortable,
        "panels": panels,
        "several": len(panels) > 1,
        "deciding": deciding,
        "gaps": gaps(disclosed_case, len(panels)),
        "current": _asked_for(request, panels) or deciding or panels[0],
        "is_working": case.state == CaseState.RECEIVED,
        "model_has_said": any(panel.disclosed for panel in panels),
        "said_first": deciding or next((panel for panel in panels if panel.disclosed), None),
        "actions": (actions := Actions(case, request.user)),
        "can_retry": actions.allows(Action.RETRY),
        "retry_refusal": actions.refusal(Action.RETRY) if case.state == CaseState.FAILED else None,
    }


def case_context(request: SignedInRequest, case: Case) -> dict[str, Any]:
    """Everything on the page; the panel of the model's output needs ``model_output_context`` alone."""
    output = model_output_context(request, case)
    actions: Actions = output["actions"]
    deciding: ImagePanel | None = output["deciding"]
    panels: list[ImagePanel] = output["panels"]
    numbers = {panel.image.pk: panel.number for panel in panels if len(panels) > 1}
    disclosed_case: DisclosedCase = output["disclosed_case"]
    interim = interim_panel(disclosed_case, request.user)
    return output | {
        **head_context(
            disclosed_case, actions, interim.opinions, [panel.image for panel in panels]
        ),
        "priority_changes": PriorityChange.objects.filter(case=case).select_related("changed_by"),
        **_stage_context(disclosed_case, actions),
        "first_reading": (first := _first_reading(case, request.user)),
        **_held(actions),
        "may_withdraw": actions.allows(Action.WITHDRAW),
        **priority_panel(actions),
        "offered": offered_opinions(
            deciding.disclosed if deciding else None,
            disclosed_case,
            deciding.number if deciding and output["several"] else None,
        ),
        "interim": interim,
        "reviews": (reviews := signed_opinions(disclosed_case, request.user, numbers)),
        "has_final": any(signed.is_final for signed in reviews),
        "drawn_places": places_by_picture(signed.review for signed in reviews),
        "seen": (seen := seen_in_form(disclosed_case.deciding_id, first)),
        "kept_drafts": (drafts := drafts_on_page(case, request.user, reviews)).kept,
        "draft": (draft := drafts.form),
        "given": (given := draft.given("" if draft.corrects else seen, first)),
        "is_asked_again": draft.has_lost_its_answer(given),
        "once": new_key(),
        **lease_context(request, case),
        **_loop(request, case, output["sortable"]),
    }


def head_context(
    disclosed_case: DisclosedCase,
    actions: Actions,
    interims: Sequence[InterimOpinion],
    images: Sequence[Image] | None = None,
) -> dict[str, Any]:
    """What stands above the picture. It tells nothing of the model but the deadline that the user may know,
    and of what others thought only what they may see.

    ``interims``: that they may see, the newest first. ``images``: of the case, if they are read already.
    """
    case, user = disclosed_case.case, actions.user
    lost = lost_reading(case, user) if case.is_open and not case.is_claimed_by(user) else None
    return {
        "case": case,
        "lost": how_it_was_lost(lost) if lost else "",
        "refusal": (refusal := actions.refusal(Action.CLAIM)),
        "standings": standings(case, lost, refusal),
        "interim_newest": interims[0] if interims else None,
        "row": row_of(disclosed_case, user),
        "case_side_and_projection": case_side_and_projection(
            case, case.images.all() if images is None else images
        ),
        "asked_about": who_is_asked_about(case),
        "earlier": earlier_in_head(case, user),
        "versions": versions_of(case),
    }


def _held(actions: Actions) -> dict[str, Any]:
    """What can be done about the claim of another reader."""
    later = actions.refusal(Action.TAKE_OVER)
    return {
        "held_by_another": actions.claimed_by_another is not None,
        "may_take_over": later is None,
        "may_end_claim": actions.allows(Action.END_CLAIM),
        # Of those who may take it over once it is idle, and nobody else: not its sender.
        "idle_at": actions.idle_at if later and later.code == "claim_not_idle" else None,
    }


def lease_context(request: SignedInRequest, case: Case) -> dict[str, Any]:
    """Who holds the case."""
    return {
        "case": case,
        "holds": Actions(case, request.user).allows(Action.GIVE_BACK),
        "lease_seconds": settings.CALLUS_CLAIM_SECONDS,
        "view": view_of(request),
    }


def _loop(request: SignedInRequest, case: Case, sortable: Sortable) -> dict[str, Any]:
    """The way back to the list, and to the cases before and behind."""
    view, position = view_of(request), None
    if case.is_open:
        position = position_of(case.pk, view.query, request.user, sortable)
    previous = previous_of(request.user, case.pk)
    ahead = urlencode({"view": view.params, "case": str(case.pk)})
    return {
        "way_back": view.list_address(case.pk),
        "position": position,
        "previous_case": view.case_address(previous) if previous else "",
        "ahead": f"{reverse('pictures_ahead')}?{ahead}",
    }


def _stage_context(disclosed_case: DisclosedCase, actions: Actions) -> dict[str, Any]:
    """Which opinion the form is for: the first of a blind case, the third, or the second as always."""
    case = actions.case
    reads_blind = case.is_sealed and actions.allows(Action.LOCK_FIRST)
    stage = Stage.FIRST if reads_blind else Stage.SECOND_OPINION
    is_third = case.state == CaseState.THIRD
    return {
        "reads_blind": reads_blind,
        "opinion_stage": Stage.THIRD if is_third else stage,
        "is_third": is_third,
        "not_final": why_not_final(disclosed_case),
    }


def _first_reading(case: Case, reader: User) -> GivenOpinion | None:
    """What the reader locked before they were shown what the model says of the case."""
    first = first_reading_of(case, reader) if case.is_sealed else None
    return given_in(first) if first else None


def _asked_for(request: SignedInRequest, panels: list[ImagePanel]) -> ImagePanel | None:
    """The picture of ``?image=n``; None if the address has no number.

    Raises Http404 for a number that the case doesn't have: another picture could be mistaken for it.
    """
    # "picture" is the older name: a kept address has to lead to the same picture.
    number = request.GET.get("image", request.GET.get("picture"))
    if number is None:
        return None
    for panel in panels:
        if str(panel.number) == number:
            return panel
    raise Http404
